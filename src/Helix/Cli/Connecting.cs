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
        var old = Expect(await daemon.GetAsync("/helix/v1/keys", ApiJson.Default.KeyList, _token)).Keys.FirstOrDefault(known => known.Name == _tool.KeyName);
        var draft = Prepare(new(ToolValues.Reachable(report.Address), KeyText.Sample, wish.Model, ContextOf(report, wish.Model)), old);
        if (!wish.AsJson) Show(draft);
        if (!wish.Yes && Question(draft) is { } question && !await Consent.AskAsync(world, question, Command("--yes")))
            return wish.AsJson ? Tell(draft, draft.Values, changed: false, null, ExitCodes.Refused) : ExitCodes.Refused;

        var (key, isNew) = await KeyAsync(draft);
        var values = draft.Values with { Key = key };
        var isWritten = await WriteAsync(draft, values, isNew);
        if (!wish.AsJson) _terminal.Say($"asking {values.Model} through {values.Address} as {_tool.Name} does …");
        var (check, code) = await ConnectCheck.RunAsync(ToolCheck.Of(_tool.Dialect, values), values.Address, world.Time, _token);
        return Tell(draft, values, isWritten || isNew, check, code);
    }

    /// <param name="old">The tool's key, where there is one.</param>
    private Draft Prepare(ToolValues values, KeyReport? old)
    {
        var connection = _store.Read(_tool.Id);
        if (_tool.File?.Invoke(world.Places) is not { } path) return new(null, null, null, values, null, "") { Earlier = connection, LosesKey = old is not null };
        if (connection is not null && connection.Path != path)
            throw Stop(_terminal.Fail(ExitCodes.Refused, $"{_tool.Name} is set up in {connection.Path}, and its settings are in {path} now", $"first: helix connect {_tool.Id} --undo"));
        var format = SettingsTexts.Of(_tool.Format)!;
        var current = Read(path);
        if (current is null && _tool.Older is { } older && File.Exists(Path.Combine(Path.GetDirectoryName(path)!, older)))
            throw Stop(_terminal.Fail(ExitCodes.Refused, $"{_tool.Name} reads {older} here, and would no longer do so if there were a {Path.GetFileName(path)}", "bring your settings there first, as its documentation describes it"));
        if (ToolFile.IsReadOnly(path)) throw Stop(_terminal.Fail(ExitCodes.Refused, $"{path} is read-only; nothing was written", $"chmod u+w {ShellWord.Of(path)}, and run it again"));

        // what an earlier connect wrote is not the user's
        var copy = connection is null ? null : _store.Before(connection);
        var before = connection is null || current is null ? current : Disconnecting.Without(connection, current, copy) switch
        {
            SettingsOutcome.Undone(var text, _) => text,
            SettingsOutcome.Refused(var why) => throw Stop(_terminal.Fail(ExitCodes.Refused, $"{path}: {why}", "nothing was written")),
            _ => current,
        };
        var isNew = string.IsNullOrWhiteSpace(before);
        var held = current is not null && old is not null ? KeyText.Find(current, old.Prefix) : null;
        // a key that is not valid any more is made anew without a question
        var there = held ?? (current is not null && connection is not null ? KeyText.Find(current, connection.KeyPrefix) : null) ?? KeyText.Sample;
        switch (SettingsEdit.Set(format, before ?? "", _tool.Settings(values with { Key = there }, isNew)))
        {
            case SettingsOutcome.Edited(var preview):
                return new(path, current, before, values, preview, SecretText.Diff(current, preview, path))
                {
                    Earlier = connection,
                    EarlierBefore = copy,
                    HeldKey = held,
                    LosesKey = old is not null && held is null,
                    Folders = [.. ToolFile.MissingFolders(path)],
                };
            case SettingsOutcome.Refused(var why):
                _terminal.Fail(ExitCodes.Refused, $"{path}: {why}; nothing was written", $"put this into it by hand, with a key from \"helix keys create {_tool.KeyName}\" for {KeyText.Masked}:");
                if (SettingsEdit.Set(format, "", _tool.Settings(values, isNew)) is SettingsOutcome.Edited(var alone)) _terminal.Say(KeyText.Mask(alone).TrimEnd());
                throw Stop(ExitCodes.Refused);
            default: throw new InvalidOperationException("settings are either set or refused");
        }
    }

    private void Show(Draft draft)
    {
        if (draft.IsSame) _terminal.Say($"{draft.Path} is set already");
        else _terminal.Out.Write(draft.Diff);
        if (draft.Path is null) _terminal.Say($"{_tool.Name} has no file of settings for this; it gets {Listed(_tool.Variables(draft.Values))} from its environment, and a key of its own");
        if (draft.LosesKey) _terminal.Say($"note: {Loss}");
    }

    /// <summary>What is asked before anything is done; null where nothing is changed that anybody could miss.</summary>
    private string? Question(Draft draft) => (draft.Path, draft.LosesKey) switch
    {
        (null, false) => $"make a key for {_tool.Name}?",
        ({ } path, false) => draft.IsSame ? null : $"write {path}?",
        ({ } path, true) when !draft.IsSame => $"write {path}, and replace the key of {_tool.Name}? what has it now loses it",
        _ => $"replace the key of {_tool.Name}? what has it now loses it",
    };

    /// <summary>The key that is in use, where it stands in the file; else a new one in its place.</summary>
    private async Task<(string Key, bool IsNew)> KeyAsync(Draft draft)
    {
        if (draft.HeldKey is { } held) return (held, false);
        if (draft.LosesKey) Expect(await RevokeAsync());
        var body = JsonSerializer.SerializeToUtf8Bytes(new CreateKeyRequest(_tool.KeyName, s_scopes), ApiJson.Default.CreateKeyRequest);
        return (Expect(await daemon.PostAsync("/helix/v1/keys", body, ApiJson.Default.CreatedKey, _token)).Key, true);
    }

    private Task<Answer<Done>> RevokeAsync() => daemon.DeleteAsync($"/helix/v1/keys/{Uri.EscapeDataString(_tool.KeyName)}", ApiJson.Default.Done, _token);

    /// <returns>Whether the tool's file is another one now.</returns>
    private async Task<bool> WriteAsync(Draft draft, ToolValues values, bool isNewKey)
    {
        try
        {
            var connection = ConnectionOf(draft, values);
            if (draft.Path is not { } path)
            {
                _store.Write(connection, null);
                return false;
            }

            if (Read(path) != draft.Current) throw new IOException($"{path} was changed by somebody else at this moment");
            if (SettingsEdit.Set(SettingsTexts.Of(_tool.Format)!, draft.Before ?? "", _tool.Settings(values, string.IsNullOrWhiteSpace(draft.Before))) is not SettingsOutcome.Edited(var text))
                throw new InvalidOperationException("what could be set with one key can be set with another");
            if (draft.EarlierBefore is { } first && first != draft.Before) _store.KeepOriginal(connection, first);
            _store.Write(connection, draft.Before);
            if (text == draft.Current) return false;
            ConfigFile.Write(path, text);
            return true;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException or StoppedException)
        {
            if (isNewKey) await RevokeAsync();
            if (draft.Earlier is { } earlier) _store.Write(earlier, draft.EarlierBefore);
            else _store.Remove(_tool.Id);
            ToolFile.RemoveEmpty(draft.Folders);
            if (unwritable is StoppedException) throw;
            throw Stop(_terminal.Fail(ExitCodes.Refused, $"nothing was set{(draft.LosesKey ? $", and the key {_tool.KeyName} is revoked" : "")}: {unwritable.Message}", "look who may write there, and run it again"));
        }
    }

    private Connection ConnectionOf(Draft draft, ToolValues values) => new(
        _tool.Id, draft.Path, draft.Before is not null, values.Address, values.Model, _tool.KeyName, values.Key[..ApiKey.PrefixLength], world.Time.GetUtcNow(),
        [.. _tool.Settings(draft.Values, string.IsNullOrWhiteSpace(draft.Before)).Select(setting => new KeptSetting(setting.Path, setting.Value))])
    {
        Folders = [.. draft.Folders.Union(draft.Earlier?.Folders ?? [])],
    };

    /// <summary>Says what was done, and what the user has to do.</summary>
    private int Tell(Draft draft, ToolValues values, bool changed, CheckReport? check, int code)
    {
        var variables = _tool.Variables(values);
        List<string> notes = [_tool.Note];
        if (check is null && draft.LosesKey) notes.Add(Loss);
        if (check is not null && draft.Path is { } path && ToolFile.IsOpen(path) && ConfigFile.Read(path) is FileText.Is(var text) && text.Contains(values.Key, StringComparison.Ordinal))
            notes.Add($"Other users of this machine can read the key in {path}; chmod 600 {ShellWord.Of(path)} closes it.");
        if (check is { SelfTest: true }) notes.Add("The self-test answered, for there is no model yet: helix models pull NAME.");
        if (check is { Provider: "builtin" } && _tool.AsksWithTools) notes.Add("Its agent needs an engine that knows tools, and the built-in one does not: helix local-llm install llamacpp.");
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

    private string Loss => $"There is a key {_tool.KeyName} already, and helix cannot show it again: a new one takes its place, and what has it now loses it.";

    private string Command(string more) => $"helix connect {_tool.Id} {(wish.Model == "auto" ? "" : $"--model {wish.Model} ")}{more}";

    private string? Read(string path) => ConfigFile.Read(path) switch
    {
        FileText.Is(var text) => ToolFile.Exists(path) ? text : null,
        FileText.Refused(var why) => throw Stop(_terminal.Fail(ExitCodes.Refused, why, "nothing was written")),
        _ => throw new InvalidOperationException("a text is either there or refused"),
    };

    private T Expect<T>(Answer<T> answer) => answer is Answer<T>.Is(var value) ? value : throw Stop(answer.Fail(_terminal));

    private static StoppedException Stop(int exitCode) => new(exitCode);

    private static string Listed(ImmutableArray<(string Name, string Value)> variables) => string.Join(" and ", variables.Select(variable => variable.Name));

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
    /// <param name="Diff">Without secrets.</param>
    private sealed record Draft(string? Path, string? Current, string? Before, ToolValues Values, string? Preview, string Diff)
    {
        /// <summary>What was set up before this.</summary>
        public Connection? Earlier { get; init; }

        /// <summary>The copy that belongs to it.</summary>
        public string? EarlierBefore { get; init; }

        /// <summary>The tool's key, where it stands in the file and is valid.</summary>
        public string? HeldKey { get; init; }

        /// <summary>The tool has a key that helix cannot read anywhere: it has to be replaced.</summary>
        public bool LosesKey { get; init; }

        /// <summary>That the write has to make.</summary>
        public ImmutableArray<string> Folders { get; init; } = [];

        /// <summary>There is nothing to write but, perhaps, a key.</summary>
        public bool IsSame => Path is not null && Earlier is not null && Preview == Current;
    }
}
