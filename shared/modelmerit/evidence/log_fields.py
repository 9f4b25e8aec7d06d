"""The names of a dispatch log's fields, by what they hold."""

TOKENS_BY_KIND = (
    "input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
)

LOG_FIELDS = (
    "id",
    "workspace",
    "workspace_path",
    "task",
    "complexity",
    "priority",
    "model",
    "status",
    "created_at",
    "updated_at",
    "outcome",
    "retry_count",
    "execution_time_seconds",
    "tokens_used",
    "task_keywords",
    "model_was_sufficient",
    "notes",
    "previous_dispatch_id",
    "recommended_model",
    "executed_model",
    "provider",
    "selection",
    "propensities",
    "policy_hash",
    "error_type",
    "evidence",
    *TOKENS_BY_KIND,
    "cost_usd",
    "ttft_ms",
    "tool_calls",
    "quality_score",
    "estimated_files",
    "role",
    "task_category",
    "client",
    "session_id",
)
"""All that are ours, in the order they are written."""

TEXTS = (
    "workspace",
    "workspace_path",
    "model",
    "notes",
    "recommended_model",
    "executed_model",
    "provider",
    "policy_hash",
    "role",
    "task_category",
    "client",
    "session_id",
)
COUNTS = (
    "retry_count",
    "tokens_used",
    *TOKENS_BY_KIND,
    "tool_calls",
    "estimated_files",
)
AMOUNTS = ("execution_time_seconds", "cost_usd", "ttft_ms", "quality_score")

OTHER_NAMES = {
    "workspace": ("project",),
    "tokens_used": ("tokens", "total_tokens"),
    "execution_time_seconds": ("duration_seconds", "elapsed_seconds"),
    "task_keywords": ("keywords",),
}
"""What old logs call some of the fields besides."""

TASK_NAMES = ("task", "description", "prompt")
STARTED_NAMES = ("created_at", "timestamp")
ENDED_NAMES = ("updated_at", "completed_at")
"""What old logs call these three, our own name first."""

UNDERSTOOD = frozenset(
    (
        *LOG_FIELDS,
        *TASK_NAMES,
        *STARTED_NAMES,
        *ENDED_NAMES,
        *(other for names in OTHER_NAMES.values() for other in names),
    )
)
"""All names of fields that are read. What else a record has is kept, and nothing more."""
