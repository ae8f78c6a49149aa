// Compiles a data model with Cube's own compiler and prints the SQL of questions about it.
// node queries.js MODEL.yml < questions.json
process.env.CUBEJS_TESSERACT_SQL_PLANNER = 'false'; // the planner in JavaScript: no binary needed
const fs = require('fs');
const path = require('path');
const Module = require('module');

const load = Module._load;
// The native part renders Jinja and plans in Rust; neither is asked for here.
const engine = class { newJinjaEngine() { return {}; } };
Module._load = function (name, ...rest) {
  if (name !== '@cubejs-backend/native') return load.call(this, name, ...rest);
  return new Proxy({}, {
    get: (_, key) => (key === 'NativeInstance' ? engine : key === '__esModule' ? true
      : () => { throw new Error(`native ${String(key)}`); }),
  });
};

const root = path.join(process.env.CUBE_MODULES, '@cubejs-backend/schema-compiler/dist/src');
const { prepareCompiler } = require(path.join(root, 'compiler/PrepareCompiler'));
const { PostgresQuery } = require(path.join(root, 'adapter/PostgresQuery'));

(async () => {
  const content = fs.readFileSync(process.argv[2], 'utf8');
  const files = () => Promise.resolve([{ fileName: 'model.yml', content }]);
  const repository = { localPath: () => __dirname, dataSchemaFiles: files };
  const compilers = prepareCompiler(repository, { adapter: 'postgres' });
  await compilers.compiler.compile();
  const questions = JSON.parse(fs.readFileSync(0, 'utf8'));
  const answers = questions.map((question) => {
    const query = new PostgresQuery(compilers, { timezone: 'UTC', ...question });
    return query.buildSqlAndParams()[0];
  });
  process.stdout.write(JSON.stringify(answers));
})().catch((fault) => { console.error(fault.stack || fault); process.exit(1); });
