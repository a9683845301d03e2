-- What somebody does in Neovim with a registry: run by test_neovim.py, with the init.lua of the documentation.
-- Prints what it sees as one line of JSON.

local seen = {}

local function wait(what, condition)
  if not vim.wait(20000, condition, 20) then
    error('still not so: ' .. what)
  end
end

vim.opt.swapfile = false
vim.cmd('filetype on')
dofile('init.lua')
vim.cmd.edit('registry.yaml')
local buffer = vim.api.nvim_get_current_buf()
wait('attached', function() return #vim.lsp.get_clients({ bufnr = buffer }) > 0 end)
local client = vim.lsp.get_clients({ bufnr = buffer })[1].id

local function problems()
  return vim.tbl_map(function(one)
    return { one.lnum, one.col, one.end_col, one.code, one.message }
  end, vim.diagnostic.get(buffer))
end

wait('a problem', function() return #vim.diagnostic.get(buffer) > 0 end)
seen.problems = problems()

local one = vim.diagnostic.get(buffer)[1]
seen.page = one.user_data.lsp.codeDescription.href

-- What is known of the field under the cursor.
vim.fn.cursor(one.lnum + 1, one.col + 1)
local said = vim.lsp.buf_request_sync(buffer, 'textDocument/hover', vim.lsp.util.make_position_params(), 20000)
seen.hover = said[client].result.contents.value

local function lines() return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n') .. '\n' end

-- The mistake is mended by hand, and its diagnostic goes.
local row, column = unpack(vim.fn.searchpos([[category: \zssource$]], 'w'))
vim.api.nvim_buf_set_text(buffer, row - 1, column - 1, row - 1, column + 5, { 'sources' })
wait('no problem', function() return #vim.diagnostic.get(buffer) == 0 end)

-- Another, by what the editor offers.
local field = vim.fn.search('^    category: sources$', 'w')
vim.api.nvim_buf_set_text(buffer, field - 1, 4, field - 1, 12, { 'catgory' })
wait('another problem', function() return #vim.diagnostic.get(buffer) > 0 end)
vim.fn.cursor(field, 5)
vim.lsp.buf.code_action({ context = { only = { 'quickfix' }, diagnostics = {} }, apply = true })
wait('mended', function() return vim.fn.getline(field) == '    category: sources' end)
wait('no problem again', function() return #vim.diagnostic.get(buffer) == 0 end)

-- Completion in an unfinished line, as <C-x><C-o> asks for it.
vim.fn.append(vim.fn.search('^legacy_features', 'w') - 3, { '  - slug: crm_suite', '    needs: [ema' })
vim.fn.search('needs: \\[ema$', 'w')
vim.cmd.normal({ '$', bang = true })
local place = vim.lsp.util.make_position_params()
place.position.character = place.position.character + 1
local answer = vim.lsp.buf_request_sync(buffer, 'textDocument/completion', place, 20000)
seen.completion = vim.tbl_map(function(item) return item.label end, answer[client].result.items)
vim.cmd('.-1,.delete')

-- From what is needed to who produces it.
vim.fn.search('needs: \\[\\zsleads', 'w')
answer = vim.lsp.buf_request_sync(buffer, 'textDocument/definition', vim.lsp.util.make_position_params(), 20000)
seen.producers = vim.tbl_map(function(one)
  return vim.fn.getline(one.range.start.line + 1)
end, answer[client].result)

-- A rename, as the editor applies it.
vim.fn.search('slug: \\zsemails$', 'w')
local before = vim.api.nvim_buf_get_changedtick(buffer)
vim.lsp.buf.rename('mails')
wait('renamed', function() return vim.api.nvim_buf_get_changedtick(buffer) > before end)
seen.text = lines()

vim.lsp.stop_client(client)
wait('stopped', function() return vim.lsp.client_is_stopped(client) end)
io.stdout:write(vim.json.encode(seen), '\n')
vim.cmd('qall!')
