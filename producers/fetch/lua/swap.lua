-- Keeps ARGV[2] under KEYS[1] if what stands there is still ARGV[1] ('' for nothing). 1 when it did.
-- Without an expiry: a Redis that runs full drops keys that have one.
local old = redis.call('GET', KEYS[1]) or ''
if old ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
