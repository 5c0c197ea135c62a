-- Set leases of the owner ARGV[1] for ARGV[2] milliseconds. KEYS are the leases, then as many values. Return 1 for each
-- lease that is the owner's, 0 for one of another owner, and the values.
local count = #KEYS / 2
local owned, values = {}, {}
for index = 1, count do
  local owner = redis.call('GET', KEYS[index])
  if owner and owner ~= ARGV[1] then
    owned[index] = 0
  else
    redis.call('SET', KEYS[index], ARGV[1], 'PX', ARGV[2])
    owned[index] = 1
  end
end
for index = 1, count do
  values[index] = redis.call('GET', KEYS[count + index])
end
return {owned, values}
