using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Processes;

namespace Helix.Install;

/// <param name="Version">Null where it is not known.</param>
/// <param name="Asked">When its source said so; null where it never did.</param>
/// <param name="Problem">Why its source was not asked, or did not answer; null where it did.</param>
internal sealed record NewestFound(string? Version, DateTimeOffset? Asked, string? Problem)
{
    /// <summary>When this version was learned of first.</summary>
    public DateTimeOffset? FirstSeen { get; init; }
}

/// <summary>Asks where providers come from for their newest versions. Each source is asked at most once an hour, and a host that refuses is left alone for a day; changes nothing else.</summary>
internal sealed class NewestLook(InstallGround ground, TimeProvider time) : IDisposable
{
    private const int LargestAnswer = 8 << 20;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _turn = new(1); // the file of notes, and that no source is asked twice at once

    private string File => Path.Combine(ground.Home.State, "newest.json");

    public async Task<IReadOnlyDictionary<string, NewestFound>> AskAsync(IReadOnlyCollection<(string Id, NewerVersions Newer)> wanted, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var notes = Read();
            var answers = await Task.WhenAll(wanted.Select(async each => (each.Id, Source: SourceOf(each.Newer), Answer: await AskAsync(each.Id, each.Newer, notes, cancellationToken))));
            foreach (var (_, source, answer) in answers)
            {
                if (answer.Note is not null) notes = notes.With(source, answer.Note);
                if (answer.Refusing is { } host) notes = notes.WithPause(host, time.GetUtcNow());
            }

            Write(notes);
            return answers.ToDictionary(each => each.Id, each => FoundIn(notes, each.Source, each.Answer.Problem), StringComparer.Ordinal);
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
        return new(known?.Version, known?.Asked, problem ?? (known is { Version: null } ? "its source named no version" : null)) { FirstSeen = known?.FirstSeen };
    }

    private static string SourceOf(NewerVersions newer) => NewestVersion.AddressOf(newer)?.AbsoluteUri ?? $"{newer.From}:{newer.Name}";

    private async Task<Answer> AskAsync(string id, NewerVersions newer, NewestNotes notes, CancellationToken cancellationToken)
    {
        var (source, now) = (SourceOf(newer), time.GetUtcNow());
        if (notes.IsFresh(source, now)) return new(null, null);
        if (ground.Web.Offline) return new(null, "offline is on, so it was not asked");
        return NewestVersion.AddressOf(newer) is { } url ? await AskWebAsync(newer, url, notes, cancellationToken) : await AskClientAsync(id, newer, cancellationToken);
    }

    private async Task<Answer> AskWebAsync(NewerVersions newer, Uri url, NewestNotes notes, CancellationToken cancellationToken)
    {
        var host = ground.Web.Mirrored(url).Authority;
        if (notes.PausedUntil(host, time.GetUtcNow()) is { } until) return new(null, $"{host} refused lately; it is asked again after {until:yyyy-MM-dd HH:mm} UTC");
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
            if ((int)response.StatusCode is 403 or 429) return new(null, $"{host} answers with HTTP {(int)response.StatusCode}; it is left alone for a day", host);
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
        if (Toolbox.OnPath(environment, name) is not { } program) return new(null, $"{name} is not on the PATH");
        string[] arguments = isNpm
            ? ["view", newer.Name, "version", "--no-update-notifier", "--loglevel=error", "--cache", Path.Combine(ground.Home.Downloads, "npm")]
            : ["-m", "pip", "index", "versions", newer.Name, "--disable-pip-version-check", "--no-input", "--no-color"];
        var folder = Directory.CreateDirectory(ground.Home.State).FullName;
        var log = Path.Combine(folder, $"newest-{id}.said");
        try
        {
            var end = await ground.Child.EndOfAsync(new LaunchSpec($"newest-{id}", program, arguments, environment, folder, log), s_deadline, static () => { }, cancellationToken);
            var said = System.IO.File.Exists(log) ? await System.IO.File.ReadAllTextAsync(log, cancellationToken) : "";
            if (end is null) return new(null, $"{name} was not done in {s_deadline.TotalSeconds:0} s");
            if (end.Code != 0) return new(null, $"{name}: {ToolWords.Last(said.Split('\n'))}");
            var version = isNpm ? NewestVersion.InNpm(said) : NewestVersion.InPip(newer.Name, said);
            return version is null ? new(null, $"{name} named no version") : new(new(version, null, time.GetUtcNow()), null);
        }
        catch (Exception unasked) when (unasked is SpawnFailedException or IOException or UnauthorizedAccessException)
        {
            return new(null, unasked.Message);
        }
        finally
        {
            System.IO.File.Delete(log);
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
    /// <param name="Refusing">A host that wants to be left alone.</param>
    private sealed record Answer(NewestNote? Note, string? Problem, string? Refusing = null);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NewestNotes))]
internal sealed partial class NewestJson : JsonSerializerContext;
