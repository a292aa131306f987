using System.Text.Json.Nodes;
using Helix.Cli;
using Helix.Core.Connect;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Connect;

public sealed class ConnectVerbTests : ConnectVerbBase
{
    [Fact]
    public async Task A_tool_is_set_up_tried_and_put_back_as_it_was()
    {
        Write(Settings, Mine);

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", "claude-code", "--yes"));

        var text = await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken);
        var key = _keys["connect-claude-code"];
        Assert.StartsWith($$"""
            {
              "env": {
                "ANTHROPIC_BASE_URL": "{{_daemon.Gateway}}",
                "ANTHROPIC_AUTH_TOKEN": "{{key}}",
                "ANTHROPIC_MODEL": "auto",
            """, text, StringComparison.Ordinal);
        Assert.EndsWith(Mine[1..], text, StringComparison.Ordinal);
        Assert.Single(_daemon.Asked, asked => asked.What == "POST /v1/messages");
        Assert.Contains("+    \"ANTHROPIC_AUTH_TOKEN\": \"hx_…\",\n", _line.Out, StringComparison.Ordinal);
        Assert.Contains("Claude Code can use helix: builtin answered with tiny.", _line.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(key, _line.Out + _line.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(_line.Temporary.Home.Connection("claude-code"), "*", SearchOption.AllDirectories), file => File.ReadAllText(file).Contains(key, StringComparison.Ordinal));

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", "claude-code", "--undo", "--yes"));

        Assert.Equal(Mine, await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken));
        Assert.Empty(_keys);
        Assert.False(Directory.Exists(_line.Temporary.Home.Connection("claude-code")));
        Assert.Equal(ExitCodes.NotFound, await _line.RunAsync("connect", "claude-code", "--undo", "--yes"));
    }

    public static TheoryData<string> Tools => [.. ConnectTools.All.Select(tool => tool.Id)];

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Each_tool_can_be_set_up_where_it_has_no_file_and_leaves_none(string id)
    {
        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", id, "--model", "tiny", "--yes"));

        var file = ConnectTools.Find(id)!.File?.Invoke(new(_line.User, false, _ => null));
        var key = Assert.Single(_keys).Value;
        if (file is not null) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.True(_line.Out.Contains(key, StringComparison.Ordinal) != (file is not null && File.ReadAllText(file).Contains(key, StringComparison.Ordinal)), "the key is in the file, or told to be put into the environment");
        Assert.Contains(_daemon.Asked, asked => asked.What.StartsWith("POST /v1/", StringComparison.Ordinal) && asked.Body.Contains("\"tiny\"", StringComparison.Ordinal));

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", id, "--undo", "--yes"));
        Assert.False(File.Exists(file));
        Assert.False(Directory.Exists(_line.User), "no folder that was made is left");
        Assert.Empty(_keys);
    }

    [Fact]
    public async Task Nothing_is_written_unless_somebody_says_yes()
    {
        Write(Settings, Mine);

        Assert.Equal(ExitCodes.Refused, await _line.RunAsync("connect", "claude-code", "--model", "tiny"));
        Assert.Contains("+++ " + Settings, _line.Out, StringComparison.Ordinal);
        Assert.EndsWith("nothing was changed; to do it: helix connect claude-code --model tiny --yes\n", _line.Error, StringComparison.Ordinal);

        _line.IsTerminal = true;
        _line.In = new StringReader("n\ny\n");
        Assert.Equal(ExitCodes.Refused, await _line.RunAsync("connect", "claude-code"));
        Assert.Equal(Mine, await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken));
        Assert.Empty(_keys);
        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", "claude-code"));
        Assert.NotEqual(Mine, await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Set_up_again_it_keeps_its_key_and_its_way_back()
    {
        Write(Settings, Mine);
        await _line.RunAsync("connect", "claude-code", "--yes");
        var text = await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken);

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", "claude-code"));
        Assert.Equal(text, await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken));
        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", "claude-code", "--model", "tiny", "--yes"));

        Assert.Equal(text.Replace("\"auto\"", "\"tiny\"", StringComparison.Ordinal), await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken));
        Assert.Equal(1, _made);
        await _line.RunAsync("connect", "claude-code", "--undo", "--yes");
        Assert.Equal(Mine, await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_key_that_was_revoked_meanwhile_is_made_anew()
    {
        Write(Settings, Mine);
        await _line.RunAsync("connect", "claude-code", "--yes");
        _keys.Clear();

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", "claude-code"));

        Assert.Contains(_keys["connect-claude-code"], await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await _line.RunAsync("connect", "claude-code", "--undo", "--yes");
        Assert.Equal(Mine, await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_its_user_changed_meanwhile_stays()
    {
        Write(Settings, Mine);
        await _line.RunAsync("connect", "claude-code", "--yes");
        var text = await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken);
        Write(Settings, text.Replace("\"ANTHROPIC_MODEL\": \"auto\"", "\"ANTHROPIC_MODEL\": \"other\"", StringComparison.Ordinal).Replace("// mine", "// mine, still", StringComparison.Ordinal));

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", "claude-code", "--undo", "--yes"));

        Assert.Contains("env.ANTHROPIC_MODEL was changed since", _line.Error, StringComparison.Ordinal);
        Assert.Equal("{\n  \"env\": {\n    \"ANTHROPIC_MODEL\": \"other\"\n  },\n  // mine, still\n  \"permissions\": {}\n}\n", await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_left_alone_and_the_settings_are_shown()
    {
        Write(Settings, "{ broken");

        Assert.Equal(ExitCodes.Refused, await _line.RunAsync("connect", "claude-code", "--yes"));

        Assert.Equal("{ broken", await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken));
        Assert.Contains("line 1 is not valid JSON", _line.Error, StringComparison.Ordinal);
        Assert.Contains("\"ANTHROPIC_AUTH_TOKEN\": \"hx_…\"", _line.Error, StringComparison.Ordinal);
        Assert.Empty(_keys);
    }

    [Fact]
    public async Task A_file_that_another_would_take_the_place_of_is_not_made()
    {
        Write(Path.Combine(_line.User, ".continue", "config.json"), "{}");

        Assert.Equal(ExitCodes.Refused, await _line.RunAsync("connect", "continue", "--yes"));

        Assert.Contains("config.json", _line.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_line.User, ".continue", "config.yaml")));
    }

    [Fact]
    public async Task A_check_that_fails_is_told_in_the_gateways_words_and_the_settings_stay()
    {
        Write(Settings, Mine);
        _daemon.On("POST /v1/messages", async context =>
        {
            context.Response.StatusCode = 503;
            await context.Response.WriteAsync("""{"type":"error","error":{"type":"overloaded_error","message":"tiny is still loading"}}""");
        });

        Assert.Equal(ExitCodes.TimedOut, await _line.RunAsync("connect", "claude-code", "--yes"));

        Assert.Contains("tiny is still loading (503)", _line.Error, StringComparison.Ordinal);
        Assert.Contains("helix connect claude-code --undo", _line.Error, StringComparison.Ordinal);
        Assert.Contains("ANTHROPIC_BASE_URL", await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_others_can_read_keeps_its_rights_and_that_is_said()
    {
        const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        Write(Settings, Mine);
        File.SetUnixFileMode(Settings, Open);

        Assert.Equal(ExitCodes.Ok, await _line.RunAsync("connect", "claude-code", "--yes"));

        Assert.Equal(Open, File.GetUnixFileMode(Settings));
        Assert.Contains("chmod 600", _line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_tells_what_is_here_and_what_is_set_up()
    {
        Write(Settings, Mine);
        await _line.RunAsync("connect", "claude-code", "--yes");
        _line.Keeper.Socket = null;

        var text = await _line.TranscriptAsync("connect", "--list");
        var json = JsonNode.Parse((await _line.TranscriptAsync("connect", "--format", "json")).Split('\n')[1])!["tools"]!.AsArray();

        Assert.Contains("claude-code  Claude Code  yes    yes        HOME/user/.claude/settings.json\n", text, StringComparison.Ordinal);
        Assert.Contains("open-webui   Open WebUI   no     no         in its environment\n", text, StringComparison.Ordinal);
        Assert.Equal("auto", (string?)json.Single(tool => (string?)tool!["id"] == "claude-code")!["model"]);
        Assert.All(json, tool => Assert.Equal((string?)tool!["id"] == "claude-code" ? "yes" : "no", (string?)tool["connected"]));

        Write(Settings, Mine);
        Assert.Contains("changed", await _line.TranscriptAsync("connect", "--list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_json_all_is_one_object_and_its_diff_has_no_key()
    {
        Write(Settings, Mine);

        var shown = JsonNode.Parse((await _line.TranscriptAsync("connect", "claude-code", "--format", "json")).Split('\n')[1])!;
        var done = JsonNode.Parse((await _line.TranscriptAsync("connect", "claude-code", "--yes", "--format", "json")).Split('\n')[1])!;

        Assert.False((bool)shown["changed"]!);
        Assert.Null(shown["check"]);
        Assert.True((bool)done["changed"]!);
        Assert.True((bool)done["check"]!["passed"]!);
        Assert.Equal("builtin", (string?)done["check"]!["provider"]);
        Assert.Equal((string?)shown["diff"], (string?)done["diff"]);
        Assert.DoesNotContain(_keys["connect-claude-code"], done.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_are_not_known_and_words_that_do_not_go_together_are_refused()
    {
        Assert.Equal(ExitCodes.NotFound, await _line.RunAsync("connect", "claud-code"));
        Assert.Contains("did you mean \"claude-code\"?", _line.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.NotFound, await _line.RunAsync("connect", "claude-code", "--model", "nosuch"));
        Assert.Equal(ExitCodes.Usage, await _line.RunAsync("connect", "--undo"));
        Assert.Equal(ExitCodes.Usage, await _line.RunAsync("connect", "zed", "--list"));
        Assert.Equal(ExitCodes.Usage, await _line.RunAsync("connect", "zed", "--undo", "--model", "tiny"));
        _line.Keeper.Socket = null;
        Assert.Equal(ExitCodes.NotRunning, await _line.RunAsync("connect", "zed", "--yes"));
        Assert.False(Directory.Exists(_line.User));
    }
}
