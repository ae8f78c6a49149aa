# Two commands are enough: `make demo` and `make test`. Both install what they need.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check pytest web pictures bench-site sqlglots test-engines outputs verify-long injected \
  fuzz fuzz-inputs fuzz-guided hostile-sql gameday mutants coverage timelines faults evidence docs lock bench \
  bench-scale bench-lineage bench-changes bench-history metricflow jaffle-shop cube clean

help: ## Show this
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

$(VENV)/ready: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "analyticsops needs Python 3.11 or later: make PYTHON=python3.12 ...")'
	@echo "... installing into $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r constraints.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(VENV)/ready ## Build the example project and show what analyticsops says about it
	@$(BIN)/python -m scripts.demo

test: check pytest ## Run every test and every check

check: $(VENV)/ready ## Lint, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Hundreds of tests start processes, each of which would compile what it imports where
# PYTHONDONTWRITEBYTECODE is set: two thirds of its time.
pytest: $(VENV)/ready ## The tests alone
	@$(BIN)/python -m compileall -q analyticsops
	$(BIN)/python -m pytest --numprocesses 2 $(ONLY)

SQLGLOTS := 27.29.0 28.10.1 30.0.3
COMPILED := 30.30.0
OF_SQLGLOT := tests/sql/test_lineage_cases.py tests/sql/test_guard.py tests/lineage
# How workers are limited, killed and replaced is no matter of the version, but of its being compiled.
OF_WORKERS := tests/lineage/test_limits.py tests/lineage/test_pool.py

sqlglots: $(VENV)/ready ## Lineage on older sqlglots, and on the compiled one
	@for version in $(SQLGLOTS) $(COMPILED); do \
	  compiled=$$([ $$version = $(COMPILED) ] && echo sqlglotc==$$version || true); \
	  [ -d .sqlglot/$$version ] || $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps \
	    --target .sqlglot/$$version sqlglot==$$version $$compiled || exit 1; \
	  of_workers=$$([ $$version = $(COMPILED) ] || echo '$(OF_WORKERS:%=--ignore %)'); \
	  echo "--- sqlglot $$version $$compiled"; \
	  PYTHONPATH=.sqlglot/$$version $(BIN)/python -m pytest -q --numprocesses 2 $(OF_SQLGLOT) $$of_workers || exit 1; \
	done

web: $(VENV)/ready ## Build the report's front end into the package (needs Node.js 20)
	$(BIN)/python -m scripts.site_schema
	cd web && npm ci --silent && npm run --silent types && npm run --silent check && npm run --silent build
	$(BIN)/python -m scripts.web_licences

pictures: $(VENV)/ready ## Take the pictures of docs/ anew (needs a Chromium)
	$(BIN)/python -m scripts.pictures

bench-site: $(VENV)/ready ## The report in a browser, beside dbt docs and dbt-colibri (needs a Chromium)
	$(BIN)/python -m bench.site --models 3000 10000 --peers

docs: $(VENV)/ready ## Regenerate what is generated: the rule reference and the JSON Schemas
	$(BIN)/python -m scripts.make_docs
	$(BIN)/python -m analyticsops.schemas

GROUPS_OF_TOOLS := audit compatibility release workflows

lock: ## Pin everything anew, with hashes and without registry addresses
	@$(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet uv
	.venv-lock/bin/uv pip compile pyproject.toml --extra cloud --extra dbt --extra lookml --extra mcp --extra serve --extra slo --group dev --universal \
	  --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-emit-index-url \
	  --no-emit-find-links --quiet --upgrade --output-file constraints.txt
	for group in $(GROUPS_OF_TOOLS); do \
	  .venv-lock/bin/uv pip compile --group pyproject.toml:$$group --universal --python-version 3.11 \
	    --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet --upgrade \
	    --output-file requirements/$$group.txt || exit 1; \
	done
	@rm -rf .venv-lock

bench: $(VENV)/ready ## Speed and memory on generated projects
	$(BIN)/python -m bench.read
	$(BIN)/python -m bench.start
	$(BIN)/python -m bench.metrics.fingerprints --python $(BIN)/python

bench-lineage: $(VENV)/ready ## Column lineage beside other tools (installs them into ~/.cache; an hour)
	$(BIN)/python -m bench.lineage.compare --models 100 1000 --repeat 5
	$(BIN)/python -m bench.lineage.ours

bench-changes: $(VENV)/ready ## Classified changes beside other tools (installs them into ~/.cache; a quarter of an hour)
	$(BIN)/python -m bench.changes.peers

injected: $(VENV)/ready ## 1,000 changes of random projects of six levels, judged by DuckDB (an hour)
	$(BIN)/python -m bench.changes.injected

verify-long: $(VENV)/ready ## Lineage of 100,000 random queries, judged by DuckDB; goes on where it stopped
	$(BIN)/python -m scripts.verify_long

.PHONY: compatibility lowest-dependencies newest-dependencies newest-sqlglot
# Interpreters that pyenv has installed are found without being chosen.
PYENV := $(shell printf ':%s' $(wildcard $(HOME)/.pyenv/versions/3.1[1-9]*/bin))
NOX := PATH="$(CURDIR)/.venv-compatibility/bin:$$PATH$(PYENV)" .venv-compatibility/bin/nox --non-interactive

compatibility: demo .venv-compatibility/ready ## Pythons, lowest dependencies, dbt 1.8 to 1.11, adapters, without dbt (ONLY=session; an hour)
	$(NOX) $(if $(ONLY),--session $(ONLY))

lowest-dependencies: .venv-compatibility/ready ## The tests with the lowest dependencies that are allowed
	$(NOX) --session lowest

newest-dependencies: .venv-compatibility/ready ## The tests with the newest dependencies that are allowed
	$(NOX) --session highest

NEWEST := .sqlglot/newest
DRIFT := .sqlglot/drift

newest-sqlglot: $(VENV)/ready ## What the newest sqlglot (or SQLGLOT=30.0.3) reads in another way than the pinned one
	@$(BIN)/python -m scripts.demo > /dev/null
	@rm -rf $(NEWEST) $(DRIFT) && mkdir -p $(DRIFT)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --upgrade --target $(NEWEST) \
	  sqlglot$(if $(SQLGLOT),==$(SQLGLOT))
	@ANALYTICSOPS_CACHE=off $(BIN)/python -m scripts.drift.look .demo/base/target $(DRIFT)/pinned.json
	@ANALYTICSOPS_CACHE=off PYTHONPATH=$(NEWEST) $(BIN)/python -m scripts.drift.look .demo/base/target $(DRIFT)/newest.json
	@$(BIN)/python -m scripts.drift.compare $(DRIFT)/pinned.json $(DRIFT)/newest.json

test-engines: $(VENV)/ready ## The dbt package on Spark (installs it into .venv-engines; wants Java 17)
	@[ -x .venv-engines/bin/dbt ] || { $(PYTHON) -m venv .venv-engines && \
	  .venv-engines/bin/python -m pip install -qq --disable-pip-version-check \
	    'dbt-core==1.11.16' 'dbt-spark[session]==1.11.0' 'pyspark==4.3.0'; }
	ENGINES=spark ENGINE_PYTHON=$(CURDIR)/.venv-engines/bin/python $(BIN)/python -m pytest tests/engines

outputs: $(VENV)/ready ## All commands, once for each thing that must not matter; under strace (three minutes)
	OUTPUTS=each $(BIN)/python -m pytest tests/commands/test_same_bytes.py tests/commands/test_confined.py

fuzz: $(VENV)/ready ## Fingerprints of 20,000 changed queries, judged by DuckDB; goes on where it stopped
	$(BIN)/python -m scripts.fuzz

fuzz-inputs: $(VENV)/ready ## A million mutated artifacts, YAML, selectors, hostile SQL through every command; goes on where it stopped
	$(BIN)/python -m scripts.fuzz_inputs

hostile-sql: $(VENV)/ready ## SQL of up to a million tokens to the workers, in six dialects (an hour)
	$(BIN)/python -m scripts.hostile_sql

ATHERIS := 3.0.0
GUIDED  := reader yaml selector guard renderers

fuzz-guided: $(VENV)/ready ## Readers, guards and renderers by the branches that input reaches (installs atheris into .venv-atheris)
	@[ -d .venv-atheris/ready ] || { $(BIN)/python -m venv .venv-atheris && \
	  .venv-atheris/bin/python -m pip install -qq --disable-pip-version-check --no-deps atheris==$(ATHERIS) && \
	  $(BIN)/python -c 'import site; print(*site.getsitepackages(), sep="\n")' \
	    > $$(echo .venv-atheris/lib/python*/site-packages)/analyticsops-tests.pth && mkdir .venv-atheris/ready; }
	@for target in $(GUIDED); do \
	  PYTHONPATH=. .venv-atheris/bin/python -m scripts.fuzz_guided $$target --seconds $(or $(SECONDS),60) || exit 1; \
	done

FAULTS := source-late source-missing column-dropped rows-duplicated clock-ahead node-fails node-flaps \
  node-slower job-crashes job-silent job-retries job-costly

gameday: demo ## All faults in a copy of the example, with dbt run for real (ten minutes)
	cd .demo/base && ../../$(BIN)/analyticsops gameday --execute $(FAULTS:%=--fault %)

timelines: $(VENV)/ready ## A million random timelines of objectives against brute force (ten minutes)
	$(BIN)/python -m scripts.timelines

mutants: $(VENV)/ready .venv-mutants/ready ## Would a test notice? GROUP=rules|slo|history|encoders, SAMPLE=500 (hours without it)
	$(BIN)/python -m tests.mutants $(GROUP) --sample $(or $(SAMPLE),0)

.venv-mutants/ready:
	@$(PYTHON) -m venv .venv-mutants
	@.venv-mutants/bin/python -m pip install -qq --disable-pip-version-check 'mutmut==3.8.1' 'libcst==1.9.0'
	@touch $@

coverage: ## Branch coverage of the tests that start no dbt and no browser (ten minutes)
	@$(MAKE) --no-print-directory .venv-coverage/ready VENV=.venv-coverage
	@.venv-coverage/bin/python -m pip install -qq --disable-pip-version-check 'coverage==7.13.0'
	@rm -f .coverage .coverage.*
	.venv-coverage/bin/python -m coverage run -m pytest -q --numprocesses 2 --ignore tests/e2e --ignore tests/engines $(ONLY)
	.venv-coverage/bin/python -m coverage combine -q
	.venv-coverage/bin/python -m scripts.coverage_by_package

faults: $(VENV)/ready ## Writers at once, kills, every error, files that change, clocks that jump (half an hour)
	$(BIN)/python -m scripts.faults

bench-scale: $(VENV)/ready ## Every command on 1,250 to 10,000 models: time, memory, growth (an hour)
	$(BIN)/python -m bench.scale

bench-history: $(VENV)/ready ## The history: ingest, a year of runs compacted, queries when cold, hooks
	$(BIN)/python -m bench.history
	$(BIN)/python -m bench.history.hooks

evidence: $(VENV)/ready ## Every text case of a change, executed in both versions
	EVIDENCE=all $(BIN)/python -m pytest -q -s tests/evidence/test_measured.py

metricflow: $(VENV)/ready ## The same questions to MetricFlow and to us (installs it into .metricflow)
	@[ -x .metricflow/bin/mf ] || { $(PYTHON) -m venv .metricflow && \
	  .metricflow/bin/python -m pip install -qq --disable-pip-version-check \
	    'dbt-metricflow==0.15.0' 'dbt-core<1.12' dbt-duckdb; }
	$(BIN)/python -m bench.metrics.metricflow.compare --python .metricflow/bin/python --seeds 1 2 3

jaffle-shop: $(VENV)/ready ## Every metric of dbt's jaffle-shop to MetricFlow and to us (JAFFLE=checkout with packages)
	@[ -x .metricflow/bin/mf ] || { echo "run make metricflow first: it installs MetricFlow"; exit 2; }
	$(BIN)/python -m bench.metrics.metricflow.jaffle_shop $(JAFFLE) --python .metricflow/bin/python

cube: $(VENV)/ready ## Exported metrics, compiled by Cube and run on DuckDB (installs Cube into .cube)
	@$(BIN)/python -m scripts.demo > /dev/null
	@[ -d .cube/node_modules ] || npm install --prefix .cube --no-audit --no-fund --ignore-scripts \
	  @cubejs-backend/schema-compiler@1.7
	$(BIN)/python -m bench.metrics.cube.compare .demo/base/target .demo/base/shop.duckdb \
	  --modules .cube/node_modules

.PHONY: workflows wheel release-check audit
# The tools of one job, in an environment of their own.
TOOLS := audit/ready compatibility/ready release/ready workflows/ready
$(TOOLS:%=.venv-%): .venv-%/ready: requirements/%.txt
	@$(PYTHON) -m venv .venv-$*
	@.venv-$*/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/$*.txt
	@touch $@

workflows: .venv-workflows/ready ## Check .github/workflows and action.yml: actionlint, shellcheck, zizmor
	PATH="$(CURDIR)/.venv-workflows/bin:$$PATH" .venv-workflows/bin/actionlint -no-color
	.venv-workflows/bin/shellcheck action/*.sh .ci/run
	.venv-workflows/bin/zizmor --offline --quiet --no-progress --pedantic .github action.yml

wheel: .venv-release/ready ## Build wheel and sdist into dist/, the same bytes wherever it is done
	.venv-release/bin/python -m scripts.release build dist

release-check: wheel ## Two builds compared, SBOM made and validated, metadata checked, sums written
	.venv-release/bin/python -m scripts.release twice
	.venv-release/bin/twine check --strict dist/*.whl dist/*.tar.gz
	.venv-release/bin/python -m scripts.release sbom dist
	.venv-release/bin/python -m scripts.release sums dist

audit: .venv-audit/ready ## Known vulnerabilities of what is locked (asks the network)
	.venv-audit/bin/pip-audit --disable-pip --require-hashes --progress-spinner off \
	  $(patsubst %,--requirement %,constraints.txt $(wildcard requirements/*.txt))

clean: ## Remove everything that make made
	rm -rf web/node_modules $(VENV) .venv-* .nox .sqlglot .metricflow .cube .demo .fuzz .fuzz-inputs .fuzz-guided \
	  .mutants .verify-long dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
