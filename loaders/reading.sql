-- How a cell's text is read. Each macro gives null for what it can't read with certainty.

-- White space made single; direction marks and other invisible signs taken out; nothing left is null.
create macro cleaned(t) as nullif(trim(regexp_replace(
    regexp_replace(t, '[\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]', '', 'g'),
    '[\s\x{00a0}\x00-\x1f\x{7f}-\x{9f}]+', ' ', 'g')), '');

-- Plain words with single spaces between them are so already, and nearly every cell is: to see that costs a quarter.
create macro clean(t) as case when regexp_matches(t, '[^!-~ ]|  |^ | $|^$') then cleaned(t) else t end;

-- The same, and a lone dash is null: people fill empty cells with it.
create macro dashless(t) as case
    when not regexp_matches(t, '[^!-~ ]|  |^ | $|^$|^[-_. ]+$') then t
    when not regexp_full_match(cleaned(t), '[-–—−_. ]+') then cleaned(t)
end;

-- Urdu and Arabic figures as Latin ones.
create macro figures_of(t) as translate(t, '۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫٬−', '01234567890123456789.,-');

-- Grouped by thousands (1,234,567) or in lakhs (12,34,567), or not at all.
create macro is_grouped(d) as regexp_full_match(d, '(\d{1,15}|\d{1,3}(,\d{3}){1,4}|\d{1,2}(,\d{2}){1,4},\d{3})(\.\d+)?');

-- 1.500 may be 1,500 or 1.5: a lone dot before three figures can't be read with certainty. 1500.000 and 0.500 can.
create macro is_uncertain(d) as regexp_full_match(d, '[1-9]\d{0,2}\.\d{3}');

create macro to_count(t) as
case when is_grouped(figures_of(t)) and regexp_full_match(figures_of(t), '[\d,]+(\.0+)?') and not is_uncertain(figures_of(t))
then try_cast(replace(split_part(figures_of(t), '.', 1), ',', '') as bigint) end;

-- An amount without what stands before and after it: "Rs. 1,500/-" as "1,500".
create macro amount_of(t) as regexp_replace(figures_of(t), '(?i)^(pkr|rs)\.?\s*|\s*/[-=]*$', '', 'g');

create macro to_money(t) as
case when is_grouped(amount_of(t)) and not is_uncertain(amount_of(t)) then try_cast(replace(amount_of(t), ',', '') as double) end;

-- A share of 1 or a percentage, as a percentage; "45 %" and 45 are one thing, 0.45 is another until its counts are seen.
create macro to_percent(t) as try_cast(replace(trim(rtrim(figures_of(t), '%٪ ')), ',', '') as double);

-- A code as codes are compared for likeness: without capitals, leading zeros and a dot or ".0" at the end.
create macro folded_code(t) as ltrim(regexp_replace(lower(t), '\.0*$', ''), '0');

-- A date without the time of day or the dot behind it.
create macro day_of(t) as regexp_replace(figures_of(t), '(\d)(T\d.*|,? \d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?|\.)$', '\1');

-- The month that a word names, as a number.
create macro month_of(t) as map {
    'jan': 1, 'feb': 2, 'mar': 3, 'apr': 4, 'may': 5, 'jun': 6, 'jul': 7, 'aug': 8, 'sep': 9, 'sept': 9, 'oct': 10, 'nov': 11, 'dec': 12,
    'january': 1, 'february': 2, 'march': 3, 'april': 4, 'june': 6, 'july': 7, 'august': 8, 'september': 9, 'october': 10,
    'november': 11, 'december': 12,
    'جنوری': 1, 'فروری': 2, 'مارچ': 3, 'اپریل': 4, 'مئی': 5, 'جون': 6, 'جولائی': 7, 'اگست': 8, 'ستمبر': 9, 'اکتوبر': 10, 'نومبر': 11, 'دسمبر': 12
}[lower(translate(t, 'يك', 'یک'))];

-- Day before month, always, except where the month is a word. A date of the sheet itself comes as year-month-day.
create macro to_any_date(d) as case
    when regexp_full_match(d, '\d{4}[-/.]\d{1,2}[-/.]\d{1,2}') then try_cast(regexp_replace(d, '[/.]', '-', 'g') as date)
    when regexp_full_match(d, '\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{4}') then try_strptime(regexp_replace(d, '[/.\- ]', '/', 'g'), '%d/%m/%Y')::date
    when regexp_full_match(d, '\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{2}') then try_strptime(regexp_replace(d, '[/.\- ]', '/', 'g'), '%d/%m/%y')::date
    when regexp_full_match(d, '\d{1,2}(\^?(?i:st|nd|rd|th))?[\-/., ]+\pL+[\-/.,، ]+\d{2,4}')
        then try_strptime(
            regexp_extract(d, '^\d+') || ' ' || month_of(regexp_extract(d, '[\-/., ](\pL+)', 1)) || ' ' || regexp_extract(d, '\d+$'),
            ['%d %m %y', '%d %m %Y'])::date
    when regexp_full_match(d, '\pL+[. ]+\d{1,2}(\^?(?i:st|nd|rd|th))?[,، ]+\d{4}')
        then try_strptime(regexp_extract(d, '\d+') || ' ' || month_of(regexp_extract(d, '^\pL+')) || ' ' || regexp_extract(d, '\d+$'), '%d %m %Y')::date
end;

create macro to_date(t) as (
    select case when found between date '2000-01-01' and date '2099-12-31' then found end
    from (select to_any_date(day) as found from (select day_of(t) as day))
);

-- The word that says that a district has nothing to list.
create macro is_nil(t) as regexp_full_match(t, '(?i)(nill?( report)?|none|صفر)[. ]*');
