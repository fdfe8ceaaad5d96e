-- Whom an organisation's own provider knows: by who issued it and by its own unchanging name for them. Null for accounts of ours.
alter table accounts add column issuer varchar;
alter table accounts add column subject varchar;
