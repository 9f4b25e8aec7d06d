"""The words tasks are described in, by canonical keyword: data for `keywords`, and nothing that decides.

A word stands for its inflections too ("migrate" for migrates, migrated, migrating). A phrase of several words matches
whatever stands between them in the text: "rate limiting", "rate-limiting" and `rate_limiting` are one, and it wins over
the words in it. Words too common to mean their topic ("build a feature", "type of", "page") are left out.
"""

VOCABULARY: dict[str, str] = {
    "docs": (
        "doc, document, documentation, docstring, readme, changelog, change log, release note, md, rst, mdx, adoc, "
        "asciidoc, tutorial, guide, getting started, quickstart, quick start, walkthrough, handbook, runbook, cheat "
        "sheet, cheatsheet, glossary, wiki, user manual, man page, faq, contributing, code of conduct, blog post, "
        "javadoc, jsdoc, godoc, rustdoc, doxygen, mkdocs, sphinx, docusaurus, code comment, wording, reword, "
        "rephrase, typo, misspelling, misspelled, spelling error, spelling mistake, fix spelling, fix grammar, "
        "grammar fix, grammar mistake, grammatical, proofread, copyedit, copy edit, broken link, dead link, fix link, "
        "fixed link, table of contents, toc, bibtex, usage example, example usage, install instruction, installation "
        "instruction, setup instruction, usage instruction, build instruction, issue template, pr template, pull "
        "request template"
    ),
    "test": (
        "test, unittest, testcase, testable, testability, untested, pytest, conftest, doctest, jest, vitest, mocha, "
        "jasmine, junit, rspec, phpunit, nunit, xunit, spec file, spec rb, spec js, spec jsx, spec ts, spec tsx, "
        "coverage, e2e, end to end, fixture, mock, monkeypatch, assert, assertion, test case, test suite, smoke test, "
        "regression test, regression suite, playwright, cypress, selenium, tdd, flaky, flakiness, fuzz, ut"
    ),
    "refactor": (
        "refactor, refactoring, cleanup, clean up, restructure, reorganize, reorganise, rename, simplify, "
        "simplification, deduplicate, tidy, tech debt, technical debt, dead code, modularize, rewrite, code smell"
    ),
    "bug": (
        "bug, bugfix, fix, hotfix, defect, regression, crash, broken, debug, fixup, segfault, workaround, memory "
        "leak, race condition, off by one, stack trace, traceback"
    ),
    "api": (
        "api, endpoint, rest api, restful, graphql, openapi, swagger, grpc, webhook, rpc, sdk, rate limit, rate "
        "limiting, rate limiter, http route"
    ),
    "database": (
        "database, db, sql, sqlite, postgres, postgresql, mysql, mariadb, mongodb, mongo, query, schema, orm, "
        "sqlalchemy, foreign key, primary key, stored procedure, redis, dynamodb, prisma, connection pool, "
        "transaction"
    ),
    "security": (
        "security, secure, insecure, vulnerability, vulnerable, exploit, cve, xss, csrf, ssrf, injection, encrypt, "
        "encryption, decrypt, decryption, sanitize, sanitise, sanitization, secret, pentest, sandbox, owasp, cors, "
        "csp, hardening, threat model, tls, ssl, password, credential, privilege escalation, path traversal, end to "
        "end encryption"
    ),
    "performance": (
        "performance, perf, performant, optimize, optimise, optimization, optimisation, slow, slowness, speed, "
        "speedup, speed up, faster, latency, throughput, benchmark, profiling, profiler, bottleneck, memory usage, "
        "n+1, hot path, load time"
    ),
    "migration": (
        "migration, migrate, alembic, flyway, backfill, upgrade path, port to, schema change, database migration, "
        "data migration, schema migration, db migration"
    ),
    "css": "css, scss, sass, stylesheet, tailwind, flexbox, style sheet, dark mode, media query, styled",
    "ci": (
        "ci, ci cd, pipeline, workflow file, github action, gitlab ci, jenkins, circleci, travis, continuous "
        "integration, continuous delivery, pre commit, precommit, tox, dependabot, appveyor, codecov"
    ),
    "logging": (
        "logging, logger, log, telemetry, observability, tracing, opentelemetry, otel, metric, monitoring, sentry, "
        "analytics, prometheus, grafana, log level, structured logging"
    ),
    "architecture": (
        "architecture, architectural, microservice, monolith, decouple, decoupling, event driven, domain model, "
        "service boundary, layering, rearchitect, circular import, circular dependency, dependency injection"
    ),
    "design": "design, redesign, implementation plan, rfc, prototype, mockup, wireframe, design document, proposal",
    "ui": (
        "ui, ux, user interface, frontend, front end, button, modal, dialog, dropdown, tooltip, sidebar, navbar, "
        "react, vue, svelte, angular, layout, widget, streamlit, html, jsx, tsx, responsive"
    ),
    "auth": (
        "auth, authentication, authenticate, authorization, authorisation, authorize, authorise, oauth, oauth2, "
        "oidc, jwt, login, logout, sso, saml, mfa, 2fa, sign in, sign up, access control, rbac, permission, access "
        "token, refresh token"
    ),
    "config": (
        "config, configuration, configure, configurable, setting, env var, environment variable, dotenv, yaml, yml, "
        "toml, feature flag, ini, gitignore"
    ),
    "dependency": (
        "dependency, dep, bump, requirement file, requirements txt, package json, lockfile, lock file, pip, npm, "
        "poetry, pipenv, pipfile, vendor, version conflict, uv lock"
    ),
    "build": (
        "build system, build script, build error, build failure, build process, compile, compiler, compilation, "
        "makefile, cmake, webpack, vite, bundle, bundler, packaging, setuptools, gradle, maven, bazel, pyproject, "
        "setup py, the build"
    ),
    "deploy": (
        "deploy, deployment, kubernetes, k8s, helm, terraform, rollout, rollback, staging, ansible, aws, azure, gcp, "
        "infrastructure, serverless, provisioning, google cloud, cloud run, cloud function, cloudformation"
    ),
    "docker": "docker, dockerfile, container, docker compose, podman, devcontainer",
    "cli": (
        "cli, command line, argparse, typer, subcommand, command line flag, terminal, shell script, bash, cli flag, "
        "stdin, cmd"
    ),
    "parser": (
        "parser, parse, parsing, lexer, tokenizer, tokenize, grammar, ast, tree sitter, regex, regexp, regular "
        "expression, syntax tree"
    ),
    "types": (
        "typing, type hint, type annotation, type check, type checker, type checking, type error, type safety, "
        "mypy, pyright, typescript, type definition, static type"
    ),
    "lint": (
        "lint, linter, linting, flake8, ruff, eslint, pylint, prettier, formatter, formatting, code style, pep8, "
        "isort, golangci, staticcheck, reformat, trailing whitespace, unused import, sort import, format code"
    ),
    "error-handling": (
        "error handling, error message, exception, exception handling, handle error, handle errors, retry, retries, "
        "timeout, fallback, graceful, gracefully, backoff, circuit breaker, error handler"
    ),
    "cache": "cache, caching, memoize, memoization, cdn, cache invalidation, ttl",
    "async": (
        "async, asyncio, asynchronous, concurrency, concurrent, thread, threading, multithreading, deadlock, mutex, "
        "goroutine, coroutine, parallel, parallelism, parallelize, await, background job, worker pool, thread pool, "
        "multiprocessing"
    ),
    "networking": (
        "networking, network, socket, websocket, tcp, udp, dns, proxy, load balancer, http client, http request"
    ),
    "git": (
        "git, git commit, commit message, rebase, merge conflict, submodule, cherry pick, git branch, git history, "
        "gitattributes, git log"
    ),
    "review": "review, code review, reviewer, audit, pull request, pr comment",
    "research": (
        "research, explore, exploration, investigate, investigation, analyze, analyse, analysis, understand, spike, "
        "feasibility, root cause, compare, find out, summarize, summarise"
    ),
    "release": "release, version bump, set version, bump version, publish, semver, release candidate",
    "i18n": (
        "i18n, l10n, internationalization, internationalisation, localization, localisation, localize, translate, "
        "translation, locale, multilingual, unicode, timezone, time zone"
    ),
    "accessibility": "accessibility, accessible, a11y, aria, screen reader, wcag, keyboard navigation",
    "validation": "validation, validate, validator, input validation, sanity check",
    "data": (
        "dataset, csv, etl, pandas, dataframe, parquet, data pipeline, data model, serialize, serialization, "
        "deserialize"
    ),
    "ml": (
        "machine learning, training loop, inference, neural, pytorch, tensorflow, embedding, fine tune, fine "
        "tuning, llm, prompt engineering, system prompt, model weight"
    ),
    "search": "full text search, elasticsearch, search index, reindex, search engine, autocomplete",
    "feature": "new feature, feat, feature request, implement feature, implement a feature",
}
"""Canonical keyword to its words and phrases, separated by commas."""
