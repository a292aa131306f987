using System.Text.Json.Nodes;
using Helix.Cli;
using Helix.Contracts;

namespace Helix.Tests.Connect;

/// <summary>What else may be the case, or go wrong, while a program is set up or is to be as it was.</summary>
public sealed class ConnectCareTests : ConnectVerbBase
{
    private const string Still = "{\n  // mine, still\n  \"permissions\": {}\n}\n";
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly string[] s_connect = ["connect", "claude-code", "--yes"];
    private static readonly string[] s_undo = ["connect", "claude-code", "--undo", "--yes"];

    private string Kept => _line.Temporary.Home.Connection("claude-code");

    /// <summary>Where the user has the file itself, if there is only a link where the program looks.</summary>
    private string Target => Path.Combine(_line.User, "dotfiles", "claude.json");

    [Theory]
    [InlineData("zed", "Zed")]
    [InlineData("open-webui", "Open WebUI")]
    public async Task A_key_that_helix_cannot_show_again_is_replaced_only_where_somebody_says_so(string id, string name)
    {
        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", id, "--yes"));
        var key = Assert.Single(_keys).Value;

        Assert.Equal(ExitCodes.Refused, await _line.RunAsync("connect", id));
        Assert.Contains("what has it now loses it", _line.Error, StringComparison.Ordinal);
        Assert.Contains("what has it now loses it", await _line.TranscriptAsync("connect", id, "--format", "json"), StringComparison.Ordinal);
        Assert.Equal(key, Assert.Single(_keys).Value);
        Assert.Equal(1, _made);

        _line.IsTerminal = true;
        _line.In = new StringReader("y\n");
        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", id));
        Assert.Contains($"replace the key of {name}? what has it now loses it [y/N]", _line.Error, StringComparison.Ordinal);
        Assert.NotEqual(key, Assert.Single(_keys).Value);
    }

    [Fact]
    public async Task A_link_stays_a_link_to_the_file_that_is_written()
    {
        Write(Target, Mine);
        Link();

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync(s_connect));
        Assert.Equal(Target, new FileInfo(Settings).LinkTarget);
        Assert.Contains("ANTHROPIC_BASE_URL", File.ReadAllText(Target), StringComparison.Ordinal);

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync(s_undo));
        Assert.Equal(Target, new FileInfo(Settings).LinkTarget);
        Assert.Equal(Mine, File.ReadAllText(Target));
    }

    [Fact]
    public async Task A_file_that_was_made_behind_a_link_goes_and_the_link_stays()
    {
        Link();

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync(s_connect));
        Assert.Contains(_keys["connect-claude-code"], File.ReadAllText(Target), StringComparison.Ordinal);

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync(s_undo));
        Assert.False(Path.Exists(Target));
        Assert.Equal(Target, new FileInfo(Settings).LinkTarget);
    }

    [Fact]
    public async Task Lines_of_Windows_stay_lines_of_Windows()
    {
        var mine = Mine.Replace("\n", "\r\n", StringComparison.Ordinal);
        Write(Settings, mine);

        await _line.RunAsync(s_connect);
        Assert.All(File.ReadAllText(Settings).Split('\n')[..^1], line => Assert.EndsWith("\r", line, StringComparison.Ordinal));

        await _line.RunAsync(s_undo);
        Assert.Equal(mine, File.ReadAllText(Settings));
    }

    [Fact]
    public async Task A_file_that_its_owner_made_read_only_is_not_replaced()
    {
        Write(Settings, Mine);
        File.SetUnixFileMode(Settings, ReadOnly);

        Assert.Equal(ExitCodes.Refused, await _line.RunAsync(s_connect));
        Assert.Contains($"{Settings} is read-only; nothing was written", _line.Error, StringComparison.Ordinal);
        Assert.Equal(Mine, File.ReadAllText(Settings));
        Assert.Empty(_keys);

        File.SetUnixFileMode(Settings, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(ExitCodes.Ok, await _line.RunAsync(s_connect));
        File.SetUnixFileMode(Settings, ReadOnly);
        Assert.Equal(ExitCodes.Refused, await _line.RunAsync(s_undo));
        Assert.Contains($"nothing was changed: {Settings} is read-only", _line.Error, StringComparison.Ordinal);
        Assert.Equal(ReadOnly, File.GetUnixFileMode(Settings));
        Assert.Single(_keys);
    }

    [Fact]
    public async Task Where_the_file_cannot_be_written_nothing_is_left()
    {
        Write(Settings, Mine);
        Block();

        Assert.Equal(ExitCodes.Refused, await _line.RunAsync(s_connect));

        Assert.Contains("nothing was set: ", _line.Error, StringComparison.Ordinal);
        Assert.Equal(Mine, File.ReadAllText(Settings));
        Assert.Empty(_keys);
        Assert.False(Directory.Exists(Kept));
    }

    [Fact]
    public async Task Where_the_file_cannot_be_written_again_what_was_set_before_can_be_undone()
    {
        Write(Settings, Mine);
        await _line.RunAsync(s_connect);
        var (connection, before) = (File.ReadAllText(Path.Combine(Kept, "connection.json")), File.ReadAllText(Path.Combine(Kept, "before", "settings.json")));
        Write(Settings, File.ReadAllText(Settings).Replace("// mine", "// mine, still", StringComparison.Ordinal));
        var block = Block();

        Assert.Equal(ExitCodes.Refused, await _line.RunAsync("connect", "claude-code", "--model", "tiny", "--yes"));

        Assert.Equal(connection, File.ReadAllText(Path.Combine(Kept, "connection.json")));
        Assert.Equal(before, File.ReadAllText(Path.Combine(Kept, "before", "settings.json")));
        Assert.Contains(Assert.Single(_keys).Value, File.ReadAllText(Settings), StringComparison.Ordinal);
        Directory.Delete(block);
        Assert.Equal(ExitCodes.Ok, await _line.RunAsync(s_undo));
        Assert.Equal(Still, File.ReadAllText(Settings));
    }

    [Fact]
    public async Task The_list_sees_that_the_gateway_has_another_address_now()
    {
        Write(Settings, Mine);
        await _line.RunAsync(s_connect);
        Assert.DoesNotContain("changed", await _line.TranscriptAsync("connect", "--list"), StringComparison.Ordinal);

        _daemon.Status = _daemon.Status with { Address = "http://127.0.0.1:1" };

        Assert.Contains("changed", await _line.TranscriptAsync("connect", "--list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_gone_comes_back_as_it_was()
    {
        Write(Settings, Mine);
        await _line.RunAsync(s_connect);
        File.Delete(Settings);

        Assert.Equal(ExitCodes.Refused, await _line.RunAsync("connect", "claude-code", "--undo"));
        Assert.False(File.Exists(Settings));
        Assert.Equal(ExitCodes.Ok, await _line.RunAsync(s_undo));

        Assert.Equal(Mine, File.ReadAllText(Settings));
        Assert.Empty(_keys);
    }

    [Fact]
    public async Task The_file_as_it_was_first_is_kept_where_the_undo_gives_another_one()
    {
        Write(Settings, Mine);
        await _line.RunAsync(s_connect);
        Write(Settings, File.ReadAllText(Settings).Replace("// mine", "// mine, still", StringComparison.Ordinal));
        await _line.RunAsync("connect", "claude-code", "--model", "tiny", "--yes");

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync(s_undo));

        Assert.Equal(Still, File.ReadAllText(Settings));
        var aside = Path.Combine(Assert.Single(Directory.GetFileSystemEntries(Kept)), "settings.json");
        Assert.Equal(Mine, File.ReadAllText(aside));
        Assert.Contains(aside, _line.Error, StringComparison.Ordinal);

        // what is kept stands in nobody's way
        await _line.RunAsync(s_connect);
        Assert.Equal(ExitCodes.Ok, await _line.RunAsync(s_undo));
        Assert.Equal(Still, File.ReadAllText(Settings));
        Assert.Equal(Mine, File.ReadAllText(aside));
    }

    [Fact]
    public async Task Without_its_copy_helix_still_takes_out_what_it_set()
    {
        Write(Settings, Mine);
        await _line.RunAsync(s_connect);
        Directory.Delete(Path.Combine(Kept, "before"), recursive: true);
        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", "claude-code", "--model", "tiny", "--yes"));
        Directory.Delete(Path.Combine(Kept, "before"), recursive: true);

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync(s_undo));

        Assert.Contains("is not there any more", _line.Error, StringComparison.Ordinal);
        Assert.Equal(Mine, File.ReadAllText(Settings));
        Assert.False(Directory.Exists(Kept));
    }

    [Fact]
    public async Task Where_helix_does_not_run_the_file_is_put_back_and_the_key_can_be_revoked_later()
    {
        Write(Settings, Mine);
        await _line.RunAsync(s_connect);
        var socket = _line.Keeper.Socket;
        _line.Keeper.Socket = null;

        Assert.Equal(ExitCodes.NotRunning, await _line.RunAsync(s_undo));
        Assert.Equal(Mine, File.ReadAllText(Settings));
        Assert.Contains("the key connect-claude-code is still valid", _line.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.NotRunning, await _line.RunAsync(s_undo));
        Assert.Single(_keys);

        _line.Keeper.Socket = socket;
        Assert.Equal(ExitCodes.Ok, await _line.RunAsync(s_undo));
        Assert.Empty(_keys);
        Assert.Equal(Mine, File.ReadAllText(Settings));
        Assert.False(Directory.Exists(Kept));
    }

    [Fact]
    public async Task What_was_put_back_before_the_key_could_be_revoked_is_no_change_of_the_user()
    {
        const string Opus = "{\n  \"env\": {\n    \"ANTHROPIC_MODEL\": \"opus\"\n  }\n}\n";
        Write(Settings, Opus);
        await _line.RunAsync(s_connect);
        _daemon.Refuse("DELETE /helix/v1/keys/connect-claude-code", 500, new("internal", "the disk is full"));
        Assert.Equal(ExitCodes.Bug, await _line.RunAsync(s_undo));
        Assert.Equal(Opus, File.ReadAllText(Settings));
        _daemon.On("DELETE /helix/v1/keys/connect-claude-code", new Done("revoked"), ApiJson.Default.Done);

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync(s_undo));

        Assert.DoesNotContain("was changed since", _line.Error, StringComparison.Ordinal);
        Assert.Equal(Opus, File.ReadAllText(Settings));
    }

    [Fact]
    public async Task Who_interrupts_the_check_is_told_what_was_made()
    {
        _daemon.On("POST /v1/chat/completions", async context =>
        {
            _line.Interrupts.Strike();
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        });

        Assert.Equal(ExitCodes.Interrupted, await _line.RunAsync("connect", "zed", "--yes"));

        Assert.Contains($"export HELIX_API_KEY='{_keys["connect-zed"]}'\n", _line.Out, StringComparison.Ordinal);
        Assert.Contains("it was interrupted", _line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_of_the_configuration_is_a_model_too()
    {
        _daemon.Status = _daemon.Status with { Aliases = ["fast"] };

        Assert.Equal(ExitCodes.NotFound, await _line.RunAsync("connect", "claude-code", "--model", "slow", "--yes"));
        Assert.Contains("there are: auto, tiny, helix-selftest, fast", _line.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", "claude-code", "--model", "fast", "--yes"));
        Assert.Contains("\"ANTHROPIC_MODEL\": \"fast\"", File.ReadAllText(Settings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_said_that_the_built_in_engine_knows_no_tools_where_they_are_needed()
    {
        Assert.Contains("helix local-llm install llamacpp", await _line.TranscriptAsync("connect", "codex", "--yes"), StringComparison.Ordinal);
        Assert.DoesNotContain("helix local-llm install llamacpp", await _line.TranscriptAsync("connect", "aider", "--yes"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_key_alone_is_a_change()
    {
        Write(Settings, Mine);
        await _line.RunAsync(s_connect);
        _keys.Clear();

        Assert.Equal(("", true), await ChangeAsync());
        Assert.Equal(("", false), await ChangeAsync());
    }

    [Fact]
    public async Task Secrets_of_others_in_the_file_are_shown_to_nobody()
    {
        const string Other = "{\n  \"env\": {\n    \"OTHER_API_KEY\": \"sk-1\"\n  }\n}\n";
        Write(Settings, Other);

        var text = await _line.TranscriptAsync("connect", "claude-code") + await _line.TranscriptAsync("connect", "claude-code", "--format", "json") + await _line.TranscriptAsync(s_connect);
        text += await _line.TranscriptAsync("connect", "claude-code", "--undo") + await _line.TranscriptAsync("connect", "claude-code", "--undo", "--format", "json") + await _line.TranscriptAsync(s_undo);

        Assert.Contains("OTHER_API_KEY", text, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-1", text, StringComparison.Ordinal);
        Assert.Equal(Other, File.ReadAllText(Settings));
    }

    [Theory]
    [InlineData(true, "1000", true)]
    [InlineData(true, "0", false)]
    [InlineData(true, "", false)]
    [InlineData(true, null, false)]
    [InlineData(false, "1000", false)]
    public void Root_does_not_do_it_for_somebody_else(bool isPrivileged, string? user, bool expected) => Assert.Equal(expected, ConnectVerb.IsBehindSudo(isPrivileged, user));

    private async Task<(string? Diff, bool Changed)> ChangeAsync()
    {
        var done = JsonNode.Parse((await _line.TranscriptAsync("connect", "claude-code", "--format", "json")).Split('\n')[1])!;
        return ((string?)done["diff"], (bool)done["changed"]!);
    }

    private void Link()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Settings)!);
        File.CreateSymbolicLink(Settings, Target);
    }

    /// <summary>Stands where the new file is written before it takes the place of the old one; not even root can write there.</summary>
    private string Block() => Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(Settings)!, $".settings.json.{Environment.ProcessId}.new")).FullName;
}
