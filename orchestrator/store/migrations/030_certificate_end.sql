-- When certificates end that are shown to an orchestrator, or by it: wavegate-api gives the figures for it.
create table certificate_end (
    kind    text not null,          -- 'broker', as it showed it in the last handshake; 'wavegated', 'server-authority': files
    name    text not null,          -- of the broker in the configuration, of the orchestrator's machine
    ends_at timestamptz not null,
    seen_at timestamptz not null,   -- again and again: what is not seen any more is not there any more
    primary key (kind, name)
);
