-- Set KEYS[1] to ARGV[2] and return 1 if its value is still ARGV[1] ('' for none); return 0 otherwise.
-- No expiry: a Redis that runs out of memory may evict keys that have one.
local old = redis.call('GET', KEYS[1]) or ''
if old ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
