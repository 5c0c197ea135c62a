-- Set values, then end leases of the owner ARGV[1]. KEYS are as many values as ARGV has pairs after the first one, of
-- value and milliseconds, then the leases.
local count = (#ARGV - 1) / 2
for index = 1, count do
  redis.call('SET', KEYS[index], ARGV[2 * index], 'PX', ARGV[2 * index + 1])
end
for index = count + 1, #KEYS do
  if redis.call('GET', KEYS[index]) == ARGV[1] then
    redis.call('DEL', KEYS[index])
  end
end
