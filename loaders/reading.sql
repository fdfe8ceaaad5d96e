-- How a cell's text is read. Each macro gives null for what it can't read with certainty.

-- White space made single; direction marks and other invisible signs taken out; nothing left is null.
create macro clean(t) as nullif(trim(regexp_replace(
    regexp_replace(t, '[\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]', '', 'g'),
    '[\s\x{00a0}\x00-\x1f]+', ' ', 'g')), '');

-- The same, and a lone dash is null: people fill empty cells with it.
create macro dashless(t) as case when not regexp_full_match(clean(t), '[-–—−_. ]+') then clean(t) end;

-- Urdu and Arabic figures as Latin ones.
create macro figures_of(t) as translate(t, '۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫٬−', '01234567890123456789.,-');

-- Grouped by thousands (1,234,567) or in lakhs (12,34,567), or not at all.
create macro is_grouped(d) as regexp_full_match(d, '(\d{1,15}|\d{1,3}(,\d{3}){1,4}|\d{1,2}(,\d{2}){1,4},\d{3})(\.\d+)?');

create macro to_count(t) as
case when is_grouped(figures_of(t)) and regexp_full_match(figures_of(t), '[\d,]+(\.0+)?')
then try_cast(replace(split_part(figures_of(t), '.', 1), ',', '') as bigint) end;

create macro to_money(t) as
case when is_grouped(regexp_replace(figures_of(t), '(?i)^(pkr|rs)\.?\s*|\s*/[-=]*$', '', 'g'))
then try_cast(replace(regexp_replace(figures_of(t), '(?i)^(pkr|rs)\.?\s*|\s*/[-=]*$', '', 'g'), ',', '') as double) end;

-- A share of 1 or a percentage, as a percentage; "45 %" and 45 are one thing, 0.45 is another until its counts are seen.
create macro to_percent(t) as try_cast(replace(trim(rtrim(figures_of(t), '%٪ ')), ',', '') as double);

-- Day before month, always. A date of the sheet itself comes as year-month-day.
create macro to_date(t) as (
    select case when found between date '2000-01-01' and date '2099-12-31' then found end
    from (select case
        when regexp_full_match(figures_of(t), '\d{4}-\d{1,2}-\d{1,2}(T.*)?') then try_cast(split_part(figures_of(t), 'T', 1) as date)
        when regexp_full_match(figures_of(t), '\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{4}')
            then try_strptime(regexp_replace(figures_of(t), '[/.\- ]', '/', 'g'), '%d/%m/%Y')::date
        when regexp_full_match(figures_of(t), '\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{2}')
            then try_strptime(regexp_replace(figures_of(t), '[/.\- ]', '/', 'g'), '%d/%m/%y')::date
        when regexp_full_match(figures_of(t), '\d{1,2}[\-/. ]+[A-Za-z]{3,9}[\-/., ]+\d{2,4}')
            then try_strptime(regexp_replace(figures_of(t), '[\-/., ]+', ' ', 'g'), ['%d %b %y', '%d %B %y', '%d %b %Y', '%d %B %Y'])::date
    end as found)
);
