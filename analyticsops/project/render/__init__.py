"""Rendering dbt's Jinja without dbt, for manifests that hold no compiled code."""

from analyticsops.project.render.engine import Rendered, RenderedHook, Renderer, render_code
from analyticsops.project.render.settings import RenderSettings, project_dispatch, project_vars

__all__ = [
    "RenderSettings",
    "Rendered",
    "RenderedHook",
    "Renderer",
    "project_dispatch",
    "project_vars",
    "render_code",
]
