-- Set KEYS[1] to ARGV[2] if its value is still ARGV[1] ('' for none) and the id of this run of the server ARGV[3] ('' where
-- INFO is not permitted). Return 1 if it is set, otherwise 0, and the time in microseconds; without a change the value and
-- the run, too.
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
local old = redis.call('GET', KEYS[1]) or ''
if old ~= ARGV[1] or run ~= ARGV[3] then
  return {0, micros, old, run}
end
redis.call('SET', KEYS[1], ARGV[2])
return {1, micros, '', ''}
