"""Another commit of the project, compiled by dbt in a folder of its own.

git and dbt run as subprocesses; neither is imported, and the working tree of the user is
never touched.
"""
