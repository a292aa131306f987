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
            await LookAsync(thorough: null, cancellationToken);
            return true;
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            LogFailed(disk);
            return false;
        }
    }

    /// <param name="thorough">Whether the files of releases are compared too; null: when that is due.</param>
    public async Task<SecurityState> LookAsync(bool? thorough, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var now = _time.GetUtcNow();
            var known = await KnownAsync(now);
            var compares = thorough ?? _thorough!.IsDue(now);
            if (compares)
            {
                _changed = await eyes.Releases(cancellationToken);
                await RefreshAsync(now, cancellationToken);
                _thorough = _thorough!.Ran(now);
            }

            var found = await FindAsync(now, cancellationToken);
            var refusals = eyes.Refusals(now);
            foreach (var happened in FindingChanges.Of(known, found, now)) Tell(happened);
            var open = FindingChanges.Open(found);
            if (compares || !open.SetEquals(known)) Tell(new(now, HistoryKind.Security, Severity.Info, null, null, Looked, Words(found, compares)) { Data = JsonSerializer.Serialize(new SecurityLooked(compares, [.. open.Order(StringComparer.Ordinal)]), SecurityDataJson.Default.SecurityLooked) });
            _known = open;
            Publish(now, compares, [.. found, .. refusals]);
            // said first: what is done about it may take long
            if (await RebuildAsync(cancellationToken)) Publish(now, compares, [.. found.Where(finding => finding.Name != FindingNames.ReleaseChanged), .. ReleaseRules.Of(_changed), .. refusals]);
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

    private async Task<ImmutableArray<SecurityFinding>> FindAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (list, wrong) = eyes.Advisories.Current();
        return
        [
            .. Closed(eyes.Paths(), eyes.Ground().User),
            .. Renewed(await EnginesAsync(cancellationToken), now),
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

    /// <summary>Looks twice where something was found: a process that is just becoming another one is nothing to be told of.</summary>
    private async Task<ImmutableArray<SecurityFinding>> EnginesAsync(CancellationToken cancellationToken)
    {
        var (security, before) = (hands.Config().Security, _judged);
        _judged = security;
        var seen = eyes.Engines();
        _engines = [.. seen.Select(engine => engine.Instance)];
        // engines that answer somebody finish as they were started before they follow a change of the settings
        if (before is not null && before != security) return [];
        var first = Judge(seen);
        if (first.IsEmpty) return first;
        await eyes.Pause(cancellationToken);
        return [.. Judge(eyes.Engines()).Where(finding => first.Any(earlier => earlier.Key == finding.Key))];

        ImmutableArray<SecurityFinding> Judge(ImmutableArray<EngineFacts> engines) => [.. engines.SelectMany(engine => EngineRules.Of(engine, security, eyes.Ground()))];
    }

    private IEnumerable<SecurityFinding> Renewed(ImmutableArray<SecurityFinding> findings, DateTimeOffset now)
    {
        foreach (var finding in findings)
        {
            var tries = hands.Config().Health.AutoRecovery && finding.Provider is not null && MayTry(finding.Key, now);
            if (tries) hands.Renew(finding.Provider!);
            yield return tries ? finding with { Done = "helix ends it and starts it anew; what is still so at the next look is told again" } : finding;
        }
    }

    /// <returns>Whether anything was done.</returns>
    private async Task<bool> RebuildAsync(CancellationToken cancellationToken)
    {
        var config = hands.Config();
        if (!config.Health.AutoRecovery || !config.AutoManager.AutoInstall) return false;
        var tried = false;
        foreach (var release in _changed.Where(release => release.Origin == ReleaseOrigin.Current))
        {
            var finding = ReleaseRules.Of([release])[0];
            if (!MayTry(finding.Key, _time.GetUtcNow())) continue;
            tried = true;
            var why = await hands.Rebuild(release.Provider).WaitAsync(cancellationToken);
            if (why is null)
            {
                hands.Renew(release.Provider);
                (_changed, _known) = (_changed.Remove(release), _known!.Remove(finding.Key));
            }

            Tell(new(
                _time.GetUtcNow(), HistoryKind.Security, why is null ? Severity.Warning : Severity.Error, release.Provider, finding.Subject, why is null ? Mended : MendingFailed,
                why is null ? $"{finding.Subject} was installed again and tried, and its engines are started anew" : $"{finding.Subject} could not be installed again: {why}; what runs of it goes on"));
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
