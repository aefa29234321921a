"""How long what people write is kept."""

DAYS_KEPT = 180
"""Unless PASSERELLE_RETENTION_DAYS says otherwise: docs/rgpd.md says why."""
