using System.Text.Json.Nodes;
using Helix.Configuration;
using Helix.Connect;
using Helix.Contracts;
using Helix.Core.Connect;

namespace Helix.Cli;

/// <summary>Takes helix's settings out of a tool's file, and the key away.</summary>
internal sealed class Disconnecting(ConnectWish wish, CliWorld world, DaemonClient daemon)
{
    private readonly ConnectTool _tool = wish.Tool;
    private readonly Terminal _terminal = world.Terminal;
    private readonly ConnectionStore _store = new(world.Home);
    private readonly CancellationToken _token = world.Interrupts.Token;

    public async Task<int> RunAsync()
    {
        if (_store.Read(_tool.Id) is not { } connection) return _terminal.Fail(ExitCodes.NotFound, $"{_tool.Name} was not set up by helix", "helix connect --list shows what was");
        // a daemon that is there and does not answer may know the key still: nothing is done by halves
        var keys = await daemon.GetAsync("/helix/v1/keys", ApiJson.Default.KeyList, _token);
        if (keys is Answer<KeyList>.Refused) return keys.Fail(_terminal);

        var current = Read(connection.Path);
        var result = Result(connection, current);
        var isOther = result.Text != current;
        if (keys is Answer<KeyList>.NotRunning && !isOther) return keys.Fail(_terminal);
        var diff = isOther ? SecretText.Diff(current, result.Text, connection.Path!) : "";
        if (!wish.AsJson) _terminal.Out.Write(diff);
        if (!wish.Yes && !await Consent.AskAsync(world, isOther ? $"write {connection.Path}?" : $"revoke the key of {_tool.Name}?", $"helix connect {_tool.Id} --undo --yes"))
            return Tell(connection, diff, changed: false, [], ExitCodes.Refused);

        if (isOther) Write(connection.Path!, current, result.Text);
        if (result.Text is null) ToolFile.RemoveEmpty(connection.Folders ?? []);
        List<string> notes = [.. result.Left.Select(left => $"{left} was changed since, and stays as it is.")];
        if (current is not null && _store.IsLost(connection)) notes.Add("The copy of the file as it was before is not there any more: what helix took the place of did not come back.");
        if (keys is Answer<KeyList>.NotRunning)
        {
            Tell(connection, diff, changed: true, notes, ExitCodes.NotRunning);
            return _terminal.Fail(ExitCodes.NotRunning, $"the key {connection.KeyName} is still valid, for helix is not running", $"when it runs, revoke it with: helix connect {_tool.Id} --undo");
        }

        var revoked = await daemon.DeleteAsync($"/helix/v1/keys/{Uri.EscapeDataString(connection.KeyName)}", ApiJson.Default.Done, _token);
        if (revoked is not (Answer<Done>.Is or Answer<Done>.Refused({ Code: "not_found" }))) return revoked.Fail(_terminal);
        if (_store.Original(connection) is { } original && original != result.Text) notes.Add($"The file as it was before helix is kept: {_store.SetAside(connection, world.Time.GetUtcNow())}");
        _store.Remove(_tool.Id);
        return Tell(connection, diff, changed: true, notes, ExitCodes.Ok);
    }

    /// <summary>A tool's file without what was set in it.</summary>
    /// <param name="copy">As it was then; null where there was none, or where that is lost.</param>
    public static SettingsOutcome Without(Connection connection, string current, string? copy)
    {
        // a file whose copy is lost is not taken away
        var before = copy ?? (connection.Existed ? "" : null);
        // the key itself was not kept
        var key = KeyText.Find(current, connection.KeyPrefix) ?? KeyText.Sample;
        var settings = connection.Settings.Select(kept => new ToolSetting([.. kept.Path], JsonNode.Parse(kept.Value.ToJsonString().Replace(KeyText.Sample, key, StringComparison.Ordinal))!));
        return SettingsEdit.Undo(SettingsTexts.Of(ConnectTools.Find(connection.Tool)!.Format)!, current, before, [.. settings]);
    }

    /// <summary>A file that somebody took away comes back as it was without helix.</summary>
    private SettingsOutcome.Undone Result(Connection connection, string? current)
    {
        var copy = _store.Before(connection);
        if (current is null) return new(copy, []);
        return Without(connection, current, copy) switch
        {
            SettingsOutcome.Undone undone => undone,
            SettingsOutcome.Refused(var why) => throw new StoppedException(_terminal.Fail(
                ExitCodes.Refused, $"{connection.Path}: {why}; nothing was changed", $"mend the file and run it again, or take out by hand what names {connection.Address} and run it again")),
            _ => throw new InvalidOperationException("settings are either undone or refused"),
        };
    }

    private void Write(string path, string? current, string? text)
    {
        try
        {
            if (Read(path) != current) throw new IOException($"{path} was changed by somebody else at this moment");
            if (ToolFile.IsReadOnly(path)) throw new IOException($"{path} is read-only");
            if (text is null) File.Delete(ConfigFile.TargetOf(path));
            else ConfigFile.Write(path, text);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw new StoppedException(_terminal.Fail(ExitCodes.Refused, $"nothing was changed: {unwritable.Message}", "look who may write there, and run it again"));
        }
    }

    private int Tell(Connection connection, string diff, bool changed, List<string> notes, int code)
    {
        var variables = _tool.Variables(new(connection.Address, KeyText.Masked, connection.Model, 0));
        if (wish.AsJson)
        {
            _terminal.WriteJson(
                new(_tool.Id, connection.Path, changed, diff, connection.Address, connection.Model, connection.KeyName, [.. variables.Select(variable => new VariableReport(variable.Name, variable.Value))], null, notes),
                ConnectJson.Default.ConnectReport);
            return code;
        }

        if (!changed) return code;
        foreach (var note in notes) _terminal.Say($"note: {note}");
        foreach (var (name, _) in variables) _terminal.Out.WriteLine($"unset {name}");
        _terminal.Say($"{_tool.Name} no longer uses helix{(code == ExitCodes.Ok ? $", and the key {connection.KeyName} is revoked" : "")}");
        return code;
    }

    private string? Read(string? path) => path is null ? null : ConfigFile.Read(path) switch
    {
        FileText.Is(var text) => ToolFile.Exists(path) ? text : null,
        FileText.Refused(var why) => throw new StoppedException(_terminal.Fail(ExitCodes.Refused, why, "nothing was changed")),
        _ => throw new InvalidOperationException("a text is either there or refused"),
    };
}
