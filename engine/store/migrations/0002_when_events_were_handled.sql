-- What a comparison of an earlier day reads must not follow from today.

-- The now of the tick that took the event; NULL while pending or undone, and for what older releases have handled.
ALTER TABLE events ADD COLUMN handled_at INTEGER;

-- JSON: ids of the contacts that a drawn deal had then. For older draws those of today are the best that is known.
ALTER TABLE draws ADD COLUMN contacts TEXT NOT NULL DEFAULT '[]';
UPDATE draws SET contacts = coalesce((
    SELECT json_group_array(json_extract(link.value, '$[0]'))
    FROM deals AS d JOIN json_each(d.contacts) AS link
    WHERE d.account_id = draws.account_id AND d.id = draws.deal_id
), '[]');
