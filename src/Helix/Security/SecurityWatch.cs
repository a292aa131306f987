using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Automation;
using Helix.Core.Automation;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Security;

namespace Helix.Security;

/// <summary>
/// Looks every ten minutes whether helix's files, engines and versions are as they should be, and once a day whether the files of releases are. What can be
/// mended by itself is, and said; the rest is told once, until it is gone.
/// </summary>
internal sealed partial class SecurityWatch(SecurityEyes eyes, SecurityHands hands, SecurityMemory memory, TimeProvider time, Func<double> draw, ILogger<SecurityWatch> log) : Recurrent(time, draw)
{
    public const string Looked = "looked";
    private const string Mended = "mended", MendingFailed = "mending_failed";

    public static readonly TimeSpan Pace = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    private readonly TimeProvider _time = time;
    private readonly Func<double> _draw = draw;

    // one look at a time: it owns everything below
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, DateTimeOffset> _tried = new(StringComparer.Ordinal);
    private ImmutableHashSet<string>? _known;
    private ImmutableHashSet<string> _begun = [];
    private bool _hasCompared;
    private ImmutableArray<ReleaseFacts> _changed = [];
    private ImmutableArray<string> _engines = [];
    private SecurityConfig? _judged;
    private SecurityFinding? _refusedList;
    private Schedule? _thorough;
    private SecurityState _state = new(null, null, []);

    public SecurityState State => Volatile.Read(ref _state);

    protected override TimeSpan Interval => Pace;

    protected override bool IsWanted => hands.Config().Security.Watch;

    protected override Task<DateTimeOffset?> LastAsync() => Task.FromResult<DateTimeOffset?>(null);

    protected override async Task<bool> DoAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(thorough: null, cancellationToken, cancellationToken);
            return true;
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            LogFailed(disk);
            return false;
        }
    }

    /// <param name="thorough">Whether the files of releases are compared too; null: when that is due.</param>
    /// <param name="cancellationToken">Of whoever asks: he may leave, and a release that is being made again then is made none the less.</param>
    /// <param name="stop">The watch itself ends.</param>
    public async Task<SecurityState> LookAsync(bool? thorough, CancellationToken cancellationToken, CancellationToken stop = default)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var now = _time.GetUtcNow();
            var known = await KnownAsync(now);
            // what an earlier daemon found in the files of a release is not gone because this one has not read them yet
            var compares = thorough ?? (_thorough!.IsDue(now) || !FindingChanges.Unseen(known, _hasCompared, judged: true).IsEmpty);
            if (compares)
            {
                _changed = await eyes.Releases(cancellationToken);
                await RefreshAsync(now, cancellationToken);
                (_thorough, _hasCompared) = (_thorough!.Ran(now), true);
            }

            var (before, judges) = (_begun, IsSettled());
            var unseen = FindingChanges.Unseen(known, _hasCompared, judges);
            _begun = before.Intersect(unseen);
            var found = await FindAsync(now, judges, cancellationToken);
            var refusals = eyes.Refusals(now);
            // what helix begins to mend is told each time, and what that did not mend is told again
            var again = before.Union(_begun).Intersect(found.Select(finding => finding.Key));
            foreach (var happened in FindingChanges.Of(known.Except(again), found, unseen, now)) Tell(happened);
            var open = FindingChanges.Open(found).Union(unseen);
            if (compares || !open.SetEquals(known)) Tell(new(now, HistoryKind.Security, Severity.Info, null, null, Looked, Words(found, compares)) { Data = JsonSerializer.Serialize(new SecurityLooked(compares, [.. open.Order(StringComparer.Ordinal)]), SecurityDataJson.Default.SecurityLooked) });
            _known = open;
            Publish(now, compares, [.. found, .. refusals]);
            // said first: what is done about it may take long
            if (await RebuildAsync(stop)) Publish(now, compares, [.. found.Where(finding => finding.Name != FindingNames.ReleaseChanged), .. ReleaseRules.Of(_changed), .. refusals]);
            return State;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<ImmutableHashSet<string>> KnownAsync(DateTimeOffset now)
    {
        if (_known is not null)
        {
            _thorough = _thorough!.At(now);
            return _known;
        }

        var past = await memory.Remembered();
        _thorough = Schedule.Begin(past.Compared, s_day, now, _draw());
        return _known = past.Open;
    }

    private async Task RefreshAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        (var words, _refusedList) = await eyes.Advisories.RefreshAsync(cancellationToken);
        if (words is not null) Tell(new(now, HistoryKind.Security, Severity.Info, null, null, "advisories", words));
    }

    private async Task<ImmutableArray<SecurityFinding>> FindAsync(DateTimeOffset now, bool judges, CancellationToken cancellationToken)
    {
        var (list, wrong) = eyes.Advisories.Current();
        return
        [
            .. Closed(eyes.Paths(), eyes.Ground().User),
            .. Renewed(await EnginesAsync(judges, cancellationToken), now),
            .. ReleaseRules.Of(_changed),
            .. list.Of(eyes.Versions()),
            .. new[] { wrong, _refusedList }.OfType<SecurityFinding>(),
        ];
    }

    private ImmutableArray<SecurityFinding> Closed(IReadOnlyList<PathFacts> paths, uint user)
    {
        var findings = ImmutableArray.CreateBuilder<SecurityFinding>();
        foreach (var path in paths)
        {
            if (PathRules.Of(path, user) is not { } finding) continue;
            var isMended = path.MayBeClosed && PathRules.Closed(path, user) is { } mode && hands.Close(path, mode) is null;
            findings.Add(isMended ? finding with { Done = "helix took the rights away" } : finding);
        }

        return findings.ToImmutable();
    }

    /// <summary>False at the first look after a change of the settings: engines are only about to follow it.</summary>
    private bool IsSettled()
    {
        var (security, before) = (hands.Config().Security, _judged);
        _judged = security;
        return before is null || before == security;
    }

    /// <summary>Looks twice where something was found: a process that is just becoming another one is nothing to be told of.</summary>
    private async Task<ImmutableArray<SecurityFinding>> EnginesAsync(bool judges, CancellationToken cancellationToken)
    {
        var (security, seen) = (hands.Config().Security, eyes.Engines());
        _engines = [.. seen.Select(engine => engine.Instance)];
        if (!judges) return [];
        var first = Judge(seen);
        if (first.IsEmpty) return first;
        await eyes.Pause(cancellationToken);
        return [.. Judge(eyes.Engines()).Where(finding => first.Any(earlier => earlier.Key == finding.Key))];

        ImmutableArray<SecurityFinding> Judge(ImmutableArray<EngineFacts> engines) => [.. engines.SelectMany(engine => EngineRules.Of(engine, security, eyes.Ground()))];
    }

    /// <summary>An engine that is not shut in, not alone or open to others is ended whatever it answers; that it did not help is seen at the next look.</summary>
    private IEnumerable<SecurityFinding> Renewed(ImmutableArray<SecurityFinding> findings, DateTimeOffset now)
    {
        foreach (var finding in findings)
        {
            var tries = hands.Config().Health.AutoRecovery && MayTry(finding.Key, now);
            if (tries)
            {
                hands.End(finding.Subject);
                _begun = _begun.Add(finding.Key);
            }

            yield return tries ? finding with { Remedy = "helix ends it and starts it anew; what is still so at the next look is told again", Command = null } : finding;
        }
    }

    /// <returns>Whether anything was done.</returns>
    private async Task<bool> RebuildAsync(CancellationToken stop)
    {
        var config = hands.Config();
        if (!config.Health.AutoRecovery || !config.AutoManager.AutoInstall) return false;
        var tried = false;
        foreach (var release in _changed.Where(release => release.Origin == ReleaseOrigin.Current))
        {
            var finding = ReleaseRules.Of([release])[0];
            if (!MayTry(finding.Key, _time.GetUtcNow())) continue;
            tried = true;
            var why = await hands.Rebuild(release.Provider).WaitAsync(stop);
            if (why is null)
            {
                hands.Renew(release.Provider);
                (_changed, _known) = (_changed.Remove(release), _known!.Remove(finding.Key));
            }

            Tell(new(
                _time.GetUtcNow(), HistoryKind.Security, why is null ? Severity.Warning : Severity.Error, release.Provider, finding.Subject, why is null ? Mended : MendingFailed,
                why is null ? $"{finding.Subject} was installed again and tried; its engines are started anew, each when it has answered whom it answers now" : $"{finding.Subject} could not be installed again: {why}; what runs of it goes on"));
        }

        return tried;
    }

    /// <summary>What did not help is not done over and over.</summary>
    private bool MayTry(string key, DateTimeOffset now)
    {
        foreach (var old in _tried.Where(each => now - each.Value >= s_day).Select(each => each.Key).ToArray()) _tried.Remove(old);
        return _tried.TryAdd(key, now);
    }

    private void Publish(DateTimeOffset now, bool compared, ImmutableArray<SecurityFinding> findings) =>
        Volatile.Write(ref _state, new(now, compared ? now : State.Compared, findings) { Engines = _engines });

    private void Tell(HistoryEvent happened) => memory.Tell(happened);

    private static string Words(ImmutableArray<SecurityFinding> found, bool compared)
    {
        var (open, mended) = (found.Count(finding => finding.Done is null), found.Count(finding => finding.Done is not null));
        var what = compared ? "helix's files, engines and versions, and the files of its releases, were looked at" : "helix's files, engines and versions were looked at";
        return $"{what}: {(open == 0 ? "all is as it should be" : $"{open} {(open == 1 ? "thing is" : "things are")} not as it should be")}{(mended == 0 ? "" : $", {mended} {(mended == 1 ? "was" : "were")} mended")}";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "not everything could be looked at")]
    private partial void LogFailed(Exception exception);
}

/// <summary>What goes with the event <c>looked</c>.</summary>
/// <param name="Compared">The files of releases, too.</param>
/// <param name="Open">Keys of what was found and not mended.</param>
internal sealed record SecurityLooked(bool Compared, IReadOnlyList<string> Open);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SecurityLooked))]
internal sealed partial class SecurityDataJson : JsonSerializerContext;
