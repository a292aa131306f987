using System.Collections.Immutable;
using System.Text.Json;
using Helix.Configuration;
using Helix.Connect;
using Helix.Contracts;
using Helix.Core.Access;
using Helix.Core.Cli;
using Helix.Core.Connect;

namespace Helix.Cli;

/// <summary>Sets a tool up: shows what would change, asks, makes a key, writes, and tries it.</summary>
internal sealed class Connecting(ConnectWish wish, CliWorld world, DaemonClient daemon)
{
    /// <summary>Of a model of which nobody knows it.</summary>
    private const int UsualContext = 8192;

    private static readonly string[] s_scopes = ["infer"];

    private readonly ConnectTool _tool = wish.Tool;
    private readonly Terminal _terminal = world.Terminal;
    private readonly ConnectionStore _store = new(world.Home);
    private readonly CancellationToken _token = world.Interrupts.Token;

    public async Task<int> RunAsync()
    {
        var report = Expect(await daemon.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, _token));
        if (!ChatVerb.Knows(report, wish.Model)) return ChatVerb.Unknown(_terminal, wish.Model, report);
        var draft = Prepare(new(ToolValues.Reachable(report.Address), KeyText.Sample, wish.Model, ContextOf(report, wish.Model)));
        if (!wish.AsJson) Show(draft);
        if (!draft.IsSame && !wish.Yes && !await Consent.AskAsync(world, draft.Path is { } file ? $"write {file}?" : $"make a key for {_tool.Name}?", Command("--yes")))
            return wish.AsJson ? Tell(draft, draft.Values, changed: false, null, ExitCodes.Refused) : ExitCodes.Refused;

        var values = draft.Values with { Key = await KeyAsync(draft) };
        await WriteAsync(draft, values);
        if (!wish.AsJson) _terminal.Say($"asking {values.Model} through {values.Address} as {_tool.Name} does …");
        var (check, code) = await ConnectCheck.RunAsync(ToolCheck.Of(_tool.Dialect, values), values.Address, world.Time, _token);
        return Tell(draft, values, !draft.IsSame, check, code);
    }

    private Draft Prepare(ToolValues values)
    {
        var connection = _store.Read(_tool.Id);
        if (_tool.File?.Invoke(world.Places) is not { } path) return new(null, null, null, values, null, "", connection);
        if (connection is not null && connection.Path != path)
            throw Stop(_terminal.Fail(ExitCodes.Refused, $"{_tool.Name} is set up in {connection.Path}, and its settings are in {path} now", $"first: helix connect {_tool.Id} --undo"));
        var format = SettingsTexts.Of(_tool.Format)!;
        var current = Read(path);
        if (current is null && _tool.Older is { } older && File.Exists(Path.Combine(Path.GetDirectoryName(path)!, older)))
            throw Stop(_terminal.Fail(ExitCodes.Refused, $"{_tool.Name} reads {older} here, and would no longer do so if there were a {Path.GetFileName(path)}", "bring your settings there first, as its documentation describes it"));

        // what an earlier connect wrote is not the user's
        var before = connection is null || current is null ? current : Disconnecting.Without(connection, current, _store.Before(connection)) switch
        {
            SettingsOutcome.Undone(var text, _) => text,
            SettingsOutcome.Refused(var why) => throw Stop(_terminal.Fail(ExitCodes.Refused, $"{path}: {why}", "nothing was written")),
            _ => current,
        };
        var settings = _tool.Settings(values, string.IsNullOrWhiteSpace(before));
        switch (SettingsEdit.Set(format, before ?? "", settings))
        {
            case SettingsOutcome.Edited(var preview):
                return new(path, current, before, values, preview, UnifiedDiff.Of(Shown(current), KeyText.Mask(preview), path), connection);
            case SettingsOutcome.Refused(var why):
                _terminal.Fail(ExitCodes.Refused, $"{path}: {why}; nothing was written", $"put this into it by hand, with a key from \"helix keys create {_tool.KeyName}\" for {KeyText.Masked}:");
                if (SettingsEdit.Set(format, "", settings) is SettingsOutcome.Edited(var alone)) _terminal.Say(KeyText.Mask(alone).TrimEnd());
                throw Stop(ExitCodes.Refused);
            default: throw new InvalidOperationException("settings are either set or refused");
        }
    }

    private void Show(Draft draft)
    {
        if (draft.IsSame) _terminal.Say($"{draft.Path} is set already");
        else _terminal.Out.Write(draft.Diff);
        if (draft.Path is null) _terminal.Say($"{_tool.Name} has no file of settings for this; it gets {Listed(_tool.Variables(draft.Values))} from its environment, and a key of its own");
    }

    /// <summary>The key that is in use, where helix still knows it; else a new one in its place.</summary>
    private async Task<string> KeyAsync(Draft draft)
    {
        var keys = Expect(await daemon.GetAsync("/helix/v1/keys", ApiJson.Default.KeyList, _token)).Keys;
        if (keys.FirstOrDefault(key => key.Name == _tool.KeyName) is { } old)
        {
            if (draft.Current is { } current && KeyText.Find(current, old.Prefix) is { } held) return held;
            Expect(await daemon.DeleteAsync($"/helix/v1/keys/{Uri.EscapeDataString(_tool.KeyName)}", ApiJson.Default.Done, _token));
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(new CreateKeyRequest(_tool.KeyName, s_scopes), ApiJson.Default.CreateKeyRequest);
        return Expect(await daemon.PostAsync("/helix/v1/keys", body, ApiJson.Default.CreatedKey, _token)).Key;
    }

    private async Task WriteAsync(Draft draft, ToolValues values)
    {
        try
        {
            var isNew = string.IsNullOrWhiteSpace(draft.Before);
            if (draft.Path is { } path)
            {
                if (Read(path) != draft.Current) throw new IOException($"{path} was changed by somebody else at this moment");
                if (SettingsEdit.Set(SettingsTexts.Of(_tool.Format)!, draft.Before ?? "", _tool.Settings(values, isNew)) is not SettingsOutcome.Edited(var text))
                    throw new InvalidOperationException("what could be set with one key can be set with another");
                _store.Write(ConnectionOf(draft, values, isNew), draft.Before);
                if (text != draft.Current) ConfigFile.Write(path, text);
                return;
            }

            _store.Write(ConnectionOf(draft, values, isNew), null);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            if (draft.Earlier is null)
            {
                _store.Remove(_tool.Id);
                await daemon.DeleteAsync($"/helix/v1/keys/{Uri.EscapeDataString(_tool.KeyName)}", ApiJson.Default.Done, _token);
            }

            throw Stop(_terminal.Fail(ExitCodes.Refused, $"nothing was set: {unwritable.Message}", "look who may write there, and run it again"));
        }
    }

    private Connection ConnectionOf(Draft draft, ToolValues values, bool isNew) => new(
        _tool.Id, draft.Path, draft.Before is not null, values.Address, values.Model, _tool.KeyName, values.Key[..ApiKey.PrefixLength], world.Time.GetUtcNow(),
        [.. _tool.Settings(draft.Values, isNew).Select(setting => new KeptSetting(setting.Path, setting.Value))]);

    /// <summary>Says what was done, and what the user has to do.</summary>
    private int Tell(Draft draft, ToolValues values, bool changed, CheckReport? check, int code)
    {
        var variables = _tool.Variables(values);
        List<string> notes = [_tool.Note];
        if (check is not null && draft.Path is { } path && IsOpen(path, values.Key)) notes.Add($"Other users of this machine can read the key in {path}; chmod 600 {ShellWord.Of(path)} closes it.");
        if (check is { SelfTest: true }) notes.Add("The self-test answered, for there is no model yet: helix models pull NAME.");
        if (wish.AsJson)
        {
            var shown = variables.Select(variable => new VariableReport(variable.Name, check is null ? KeyText.Mask(variable.Value) : variable.Value));
            _terminal.WriteJson(new(_tool.Id, draft.Path, changed, draft.Diff, values.Address, values.Model, _tool.KeyName, [.. shown], check, notes), ConnectJson.Default.ConnectReport);
        }
        else
        {
            foreach (var (name, value) in variables) _terminal.Out.WriteLine($"export {name}={ShellWord.Of(value)}");
            foreach (var note in notes) _terminal.Say($"note: {note}");
            if (check is { Passed: true }) _terminal.Say($"{_tool.Name} can use helix: {check.Provider} answered with {check.Model}. To undo it: helix connect {_tool.Id} --undo");
        }

        return check is { Problem: { } problem } ? _terminal.Fail(code, $"the settings are there, and a request with them failed: {problem}", $"when that is mended, run it again; to take them back: helix connect {_tool.Id} --undo") : code;
    }

    private string Command(string more) => $"helix connect {_tool.Id} {(wish.Model == "auto" ? "" : $"--model {wish.Model} ")}{more}";

    private string? Read(string path) => ConfigFile.Read(path) switch
    {
        FileText.Is(var text) => File.Exists(path) ? text : null,
        FileText.Refused(var why) => throw Stop(_terminal.Fail(ExitCodes.Refused, why, "nothing was written")),
        _ => throw new InvalidOperationException("a text is either there or refused"),
    };

    private T Expect<T>(Answer<T> answer) => answer is Answer<T>.Is(var value) ? value : throw Stop(answer.Fail(_terminal));

    private static StoppedException Stop(int exitCode) => new(exitCode);

    private static string? Shown(string? text) => text is null ? null : KeyText.Mask(text);

    private static string Listed(ImmutableArray<(string Name, string Value)> variables) => string.Join(" and ", variables.Select(variable => variable.Name));

    /// <summary>Somebody else on this machine may read the key there.</summary>
    private static bool IsOpen(string path, string key) =>
        (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0 && ConfigFile.Read(path) is FileText.Is(var text) && text.Contains(key, StringComparison.Ordinal);

    /// <summary>Of a model by its id, with or without its provider; of <c>auto</c>, the first that is real.</summary>
    private static int ContextOf(StatusReport report, string model) =>
        report.Models.FirstOrDefault(known => model == "auto" ? !known.SelfTest && known.ContextTokens > 0 : known.Id == model || model.EndsWith("/" + known.Id, StringComparison.Ordinal)) is { ContextTokens: > 0 and var tokens }
            ? tokens
            : UsualContext;

    /// <param name="Path">The tool's file; null where it has none.</param>
    /// <param name="Current">As the file is; null where it is not there.</param>
    /// <param name="Before">As the file was without helix.</param>
    /// <param name="Values">With a sample of a key.</param>
    /// <param name="Preview">As the file would be.</param>
    /// <param name="Earlier">What was set up before this.</param>
    private sealed record Draft(string? Path, string? Current, string? Before, ToolValues Values, string? Preview, string Diff, Connection? Earlier)
    {
        /// <summary>There is nothing to write but, perhaps, a key.</summary>
        public bool IsSame => Path is not null && Earlier is not null && Diff.Length == 0;
    }
}
