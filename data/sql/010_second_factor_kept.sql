-- Whether whoever chooses a password by a link has lost their telephone as well, so that its codes are asked for no more.
alter table invitations add column forgets_second_factor boolean default 'false';  -- in quotes: a shared database takes only literals
