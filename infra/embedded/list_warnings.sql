-- Pages with warnings about their written list, per source and code.
SELECT source, code, pages FROM bronze_list_warnings ORDER BY source, pages DESC, code
