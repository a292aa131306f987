using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Core.Updates;
using Helix.Processes;

namespace Helix.Install;

/// <param name="Version">Null where it is not known.</param>
/// <param name="Asked">When its source said so; null where it never did.</param>
/// <param name="Problem">Why its source was not asked, or did not answer; null where it did.</param>
internal sealed record NewestFound(string? Version, DateTimeOffset? Asked, string? Problem)
{
    /// <summary>When this version was learned of first.</summary>
    public DateTimeOffset? FirstSeen { get; init; }

    /// <summary>That were the newest before, the latest first; null for none.</summary>
    public IReadOnlyList<SeenVersion>? Earlier { get; init; }
}

/// <summary>
/// Asks where providers come from for their newest versions. Each host is asked at most once an hour, so that sources at the same host take turns, and one
/// that refuses is left alone for a day. Changes nothing else.
/// </summary>
internal sealed class NewestLook(InstallGround ground, TimeProvider time) : IDisposable
{
    private const int LargestAnswer = 8 << 20;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _turn = new(1); // the file of notes, and that no source is asked twice at once

    private string File => Path.Combine(ground.Home.State, "newest.json");

    /// <summary>Asks those whose turn it is; of all others, what was seen before is told.</summary>
    public async Task<IReadOnlyDictionary<string, NewestFound>> AskAsync(IReadOnlyCollection<(string Id, NewerVersions Newer)> wanted, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var (notes, now) = (Read(), time.GetUtcNow());
            var turn = ground.Web.Offline ? [] : notes.Turn(wanted.Select(each => (SourceOf(each.Newer), HostOf(each.Newer))), now);
            var asked = wanted.Where(each => turn.Contains(SourceOf(each.Newer))).DistinctBy(each => SourceOf(each.Newer)).ToArray();
            // whatever ends it meanwhile: what was asked is not asked again at once
            Write(asked.Aggregate(notes, (all, each) => all.WithTry(SourceOf(each.Newer), HostOf(each.Newer), new(now, "it was asked, and its answer was not waited for"))));
            var answers = await Task.WhenAll(asked.Select(async each => (Source: SourceOf(each.Newer), Host: HostOf(each.Newer), Answer: await AskAsync(each.Id, each.Newer, notes, cancellationToken))));
            foreach (var (source, host, answer) in answers)
            {
                if (answer.WasAsked) notes = notes.WithTry(source, host, new(now, answer.Problem));
                if (answer.Note is not null) notes = notes.With(source, answer.Note);
                if (answer.IsRefusal) notes = notes.WithPause(host, now);
            }

            Write(notes);
            var problems = answers.ToDictionary(each => each.Source, each => each.Answer.Problem, StringComparer.Ordinal);
            return wanted.ToDictionary(each => each.Id, each => FoundIn(notes, SourceOf(each.Newer), problems.TryGetValue(SourceOf(each.Newer), out var problem) ? problem : WhyNotAsked(each.Newer, notes, now)), StringComparer.Ordinal);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>For whoever asks a host by other means: until when it is left alone; null where it may be asked.</summary>
    public async Task<DateTimeOffset?> PausedUntilAsync(string host, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return Read().PausedUntil(host, time.GetUtcNow());
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The same: this host wants to be left alone.</summary>
    public async Task PauseAsync(string host, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            Write(Read().WithPause(host, time.GetUtcNow()));
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private static NewestFound FoundIn(NewestNotes notes, string source, string? problem)
    {
        var known = notes.Sources.GetValueOrDefault(source);
        return new(known?.Version, known?.Asked, problem ?? (known is { Version: null } ? "its source named no version" : null)) { FirstSeen = known?.FirstSeen, Earlier = known?.Earlier };
    }

    private static string SourceOf(NewerVersions newer) => NewestVersion.AddressOf(newer)?.AbsoluteUri ?? $"{newer.From}:{newer.Name}";

    /// <summary>A client asks one registry, whichever its settings name.</summary>
    private string HostOf(NewerVersions newer) => NewestVersion.AddressOf(newer) is { } url ? ground.Web.Mirrored(url).Authority : newer.From == "npm" ? "npm" : "pip";

    /// <returns>Null where what is known is new enough, or its turn comes.</returns>
    private string? WhyNotAsked(NewerVersions newer, NewestNotes notes, DateTimeOffset now)
    {
        var (source, host) = (SourceOf(newer), HostOf(newer));
        return notes.Fresh(source, now) is { } tried ? tried.Problem
            : ground.Web.Offline ? "offline is on, so it was not asked"
            : notes.PausedUntil(host, now) is { } until ? $"{host} refused lately; it is asked again after {until:yyyy-MM-dd HH:mm} UTC"
            : notes.Sources.ContainsKey(source) ? null
            : $"it was not asked yet: {host} is asked once an hour, for one provider after another";
    }

    private Task<Answer> AskAsync(string id, NewerVersions newer, NewestNotes notes, CancellationToken cancellationToken) =>
        NewestVersion.AddressOf(newer) is { } url ? AskWebAsync(newer, url, notes, cancellationToken) : AskClientAsync(id, newer, cancellationToken);

    private async Task<Answer> AskWebAsync(NewerVersions newer, Uri url, NewestNotes notes, CancellationToken cancellationToken)
    {
        var host = ground.Web.Mirrored(url).Authority;
        var before = notes.Sources.GetValueOrDefault(url.AbsoluteUri);
        var answer = await ground.Web.SendAsync(
            HttpMethod.Get, url,
            headers =>
            {
                headers.Accept.ParseAdd("application/vnd.github+json");
                if (before is { Version: not null, Tag: { } tag }) headers.TryAddWithoutValidation("If-None-Match", tag);
            },
            null, static _ => true, cancellationToken);
        if (answer is not WebAnswer.Answered(var response, var asked)) return new(null, ((WebAnswer.Silent)answer).Failure.Reason);
        using (response)
        {
            if ((int)response.StatusCode == 304 && before is not null) return new(before with { Asked = time.GetUtcNow() }, null);
            if ((int)response.StatusCode is 403 or 429) return new(null, $"{host} answers with HTTP {(int)response.StatusCode}; it is left alone for a day", IsRefusal: true);
            if (!response.IsSuccessStatusCode) return new(null, Failures.For(asked, response.StatusCode, hadToken: false).Reason);
            try
            {
                var version = NewestVersion.InAnswer(newer, await ground.Web.ReadAsync(response, LargestAnswer, cancellationToken));
                return version is null ? new(null, $"{host} named no version") : new(new(version, response.Headers.ETag?.ToString(), time.GetUtcNow()), null);
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException)
            {
                return new(null, $"{host} broke its answer off");
            }
        }
    }

    /// <summary>npm and pip, with the user's own settings: his registry, his proxy, his credentials.</summary>
    private async Task<Answer> AskClientAsync(string id, NewerVersions newer, CancellationToken cancellationToken)
    {
        var environment = ground.Environment();
        var isNpm = newer.From == "npm";
        var name = isNpm ? "npm" : "python3";
        if (Toolbox.OnPath(environment, name) is not { } program) return new(null, $"{name} is not on the PATH", WasAsked: false);
        var folder = Directory.CreateDirectory(ground.Home.State).FullName;
        var (log, pipLog) = (Path.Combine(folder, $"newest-{id}.said"), Path.Combine(folder, $"newest-{id}.log"));
        string[] arguments = isNpm
            ? ["view", newer.Name, "version", "--no-update-notifier", "--loglevel=error", "--fetch-retries=0", "--cache", Path.Combine(ground.Home.Downloads, "npm")]
            : ["-m", "pip", "index", "versions", newer.Name, "--disable-pip-version-check", "--no-input", "--no-color", "--retries", "0", "--log", pipLog];
        try
        {
            var end = await ground.Child.EndOfAsync(new LaunchSpec($"newest-{id}", program, arguments, environment, folder, log), s_deadline, static () => { }, cancellationToken);
            var said = System.IO.File.Exists(log) ? await System.IO.File.ReadAllTextAsync(log, cancellationToken) : "";
            if (end is null) return new(null, $"{name} was not done in {s_deadline.TotalSeconds:0} s");
            // pip says only in its log what its index answered
            if (end.Code != 0 && NewestVersion.IsRefusal(System.IO.File.Exists(pipLog) ? await System.IO.File.ReadAllTextAsync(pipLog, cancellationToken) : said)) return new(null, $"{name}'s registry refuses; it is left alone for a day", IsRefusal: true);
            if (end.Code != 0) return new(null, $"{name}: {ToolWords.Last(said.Split('\n'))}");
            var version = isNpm ? NewestVersion.InNpm(said) : NewestVersion.InPip(newer.Name, said);
            return version is null ? new(null, $"{name} named no version") : new(new(version, null, time.GetUtcNow()), null);
        }
        catch (Exception unasked) when (unasked is SpawnFailedException or IOException or UnauthorizedAccessException)
        {
            return new(null, unasked.Message, WasAsked: false);
        }
        finally
        {
            System.IO.File.Delete(log);
            System.IO.File.Delete(pipLog);
        }
    }

    private NewestNotes Read()
    {
        try
        {
            return System.IO.File.Exists(File) ? JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(File), NewestJson.Default.NewestNotes) ?? NewestNotes.Empty : NewestNotes.Empty;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return NewestNotes.Empty; // nothing but a request more
        }
    }

    private void Write(NewestNotes notes)
    {
        try
        {
            Directory.CreateDirectory(ground.Home.State);
            var beside = File + ".new";
            System.IO.File.WriteAllBytes(beside, JsonSerializer.SerializeToUtf8Bytes(notes, NewestJson.Default.NewestNotes));
            System.IO.File.Move(beside, File, overwrite: true);
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            // it is asked again next time
        }
    }

    /// <param name="Note">What was learned; null where nothing was.</param>
    /// <param name="IsRefusal">Its host wants to be left alone.</param>
    private sealed record Answer(NewestNote? Note, string? Problem, bool IsRefusal = false, bool WasAsked = true);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NewestNotes))]
internal sealed partial class NewestJson : JsonSerializerContext;
