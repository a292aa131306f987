using System.Collections.Immutable;
using Helix.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Core.Planning;
using Helix.Manifests;
using Helix.Models;
using Helix.Processes;

namespace Helix.Fleet;

/// <summary>The ports on which helix itself listens.</summary>
internal sealed record OwnPorts(ImmutableArray<int> All);

/// <param name="Engines">By id.</param>
internal sealed record AttachedSet(ImmutableArray<AttachedEngine> Engines);

/// <summary>What came of the wish to attach or to detach an engine.</summary>
internal abstract record AttachOutcome
{
    private AttachOutcome() { }

    internal sealed record Done(AttachedEngine Engine) : AttachOutcome;

    internal sealed record Refused(string Code, string Reason, string? Remedy) : AttachOutcome;
}

/// <summary>
/// Knows the engines that somebody else runs: those that the user named, and those that are found at the ports where their products listen.
/// Looks again and again whether they answer, and what models they have. It asks, and does nothing else to them.
/// </summary>
internal sealed partial class AttachWatch(AttachBook book, AttachLook look, ManifestShelf shelf, IConfigView config, EngineBook engines, OwnPorts own, TimeProvider time, ILogger<AttachWatch> log) : BackgroundLoop
{
    public const int OllamaPort = 11434;

    /// <summary>GPT4All's manifest is of its package, which has no port of its own.</summary>
    public const int Gpt4AllPort = 4891;

    /// <summary>Misses before an engine counts as gone: one may be busy.</summary>
    private const int MissesUntilGone = 2;

    /// <summary>Looks at the known ones between two searches for new ones.</summary>
    private const int LooksPerSearch = 3;

    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(10);

    // one look or wish at a time: it owns everything below
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SortedDictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly HashSet<int> _strangers = [];
    private readonly Published<AttachedSet> _published = new(new AttachedSet([]));
    private AttachNotes _notes = AttachNotes.Empty;

    public AttachedSet Current => _published.Current;

    /// <summary>Whether this is the id of a cloud.</summary>
    public Func<string, bool> IsCloud { get; set; } = static _ => false;

    public long Version => _published.Version;

    public Task ChangedAsync(long version, CancellationToken cancellationToken) => _published.ChangedAsync(version, cancellationToken);

    /// <param name="name">Its id; null: one is made.</param>
    /// <param name="remote">Requests may leave this machine.</param>
    public async Task<AttachOutcome> AttachAsync(string url, string? key, string? name, bool remote, CancellationToken cancellationToken)
    {
        var (address, reason, remedy) = AttachAddress.Parse(url);
        if (address is null) return new AttachOutcome.Refused("invalid", reason!, remedy);
        if (!address.IsLoopback && !remote)
            return new AttachOutcome.Refused("conflict", $"{address.Host} is another machine: requests to its models would leave this one, unencrypted", $"if that is what you want: helix local-llm attach {address} --remote");
        if (address.IsLoopback && IsOurs(address.Port)) return new AttachOutcome.Refused("conflict", $"{address} is helix's own", "attach an engine that you run yourself");
        if (key is { Length: 0 or > 1000 } || key?.Any(letter => letter is < '!' or > '~') == true) return new AttachOutcome.Refused("invalid", "this cannot be a key: a key has no spaces and only plain letters, digits and signs", null);

        var sight = await look.WhoAsync(address, key, cancellationToken);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return sight switch
            {
                AttachSight.Nobody => new AttachOutcome.Refused("unreachable", $"nothing takes connections at {address}", "start the engine first, with its server switched on"),
                AttachSight.Silent => new AttachOutcome.Refused("unreachable", $"what takes connections at {address} gives no answer that helix understands", "see whether the engine is busy, and whether it speaks HTTP there; then try again"),
                AttachSight.Stranger => new AttachOutcome.Refused("conflict", $"what answers at {address} is no engine that helix can use: it has no list of models at /v1/models", "give the address of an OpenAI-compatible server"),
                AttachSight.Engine { Models.IsLocked: true } => new AttachOutcome.Refused("conflict", $"{address} asks for {(key is null ? "a key" : "another key")}", $"give it: helix local-llm attach {address} --key KEY"),
                AttachSight.Engine engine => Attach(address, key, name, engine),
                _ => throw new InvalidOperationException("a new kind of sight"),
            };
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Forgets an engine; one that helix found by itself is not taken again until the user attaches it.</summary>
    public async Task<AttachOutcome> DetachAsync(string id, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (!_held.TryGetValue(id, out var held))
                return new AttachOutcome.Refused("not_found", $"nothing is attached as \"{id}\"", _held.Count == 0 ? "nothing is attached at all" : $"attached are: {string.Join(", ", _held.Keys)}");
            var notes = new AttachNotes([.. _notes.Attached.Where(note => note.Id != id)], [.. _notes.Ignored.Append(held.Engine.Address.Url).Distinct()]);
            if (Keep(notes) is { } refused) return refused;
            _held.Remove(id);
            Publish();
            return new AttachOutcome.Done(held.Engine);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>One round: looks at all that is known, and searches for more.</summary>
    public async Task LookAsync(bool search, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            foreach (var id in _held.Keys.ToArray()) await LookAgainAsync(id, cancellationToken);
            if (search && config.Current.AutoManager.AutoDiscover) await SearchAsync(cancellationToken);
            Publish();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes up what the user attached before.</summary>
    public void Recall()
    {
        try
        {
            _notes = book.Read();
        }
        catch (IOException unreadable)
        {
            LogUnreadable(unreadable.Message);
        }

        foreach (var note in _notes.Attached)
        {
            if (AttachAddress.Parse(note.Url).Address is not { } address || !AttachNames.IsId(note.Id) || (!address.IsLoopback && !note.Remote)) continue;
            _held[note.Id] = new(new AttachedEngine(note.Id, AttachNames.NameOf(null), null, address, "", note.Key, null, false, AttachedHealth.Gone, [], time.GetUtcNow()), MissesUntilGone);
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    /// <summary>Whoever attaches something at once adds to what was attached before.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Recall();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        // the daemon's start goes first
        await Task.Yield();
        for (var round = 0; ; round++)
        {
            await LookAsync(round % LooksPerSearch == 0, stoppingToken);
            await Task.Delay(s_pace, time, stoppingToken);
        }
    }

    private AttachOutcome Attach(AttachAddress address, string? key, string? name, AttachSight.Engine sight)
    {
        var before = _held.FirstOrDefault(pair => pair.Value.Engine.Address == address).Key;
        var id = name ?? before ?? IdFor(sight.Product, address);
        if (name is not null && !AttachNames.IsId(name)) return new AttachOutcome.Refused("invalid", $"\"{name}\" cannot be a name", "use small letters, digits and -");
        if (name is not null && name != before && IsTaken(name)) return new AttachOutcome.Refused("conflict", $"\"{name}\" is the name of another provider", "choose another one with --name");

        var notes = new AttachNotes(
            [.. _notes.Attached.Where(note => note.Id != id && note.Id != before), new AttachNote(id, address.Url, key, !address.IsLoopback)],
            [.. _notes.Ignored.Where(url => url != address.Url)]);
        if (Keep(notes) is { } refused) return refused;
        if (before is not null) _held.Remove(before);
        _held[id] = new(Engine(id, address, key, sight, isFound: false), 0);
        Publish();
        return new AttachOutcome.Done(_held[id].Engine);
    }

    private AttachOutcome.Refused? Keep(AttachNotes notes)
    {
        try
        {
            book.Write(notes);
            _notes = notes;
            return null;
        }
        catch (IOException full)
        {
            return new("no_space", $"it could not be remembered: {full.Message}", "make room, then try again; nothing was changed");
        }
    }

    private async Task LookAgainAsync(string id, CancellationToken cancellationToken)
    {
        var (engine, misses) = _held[id];
        // who was away may come back as somebody else
        if (engine.Health == AttachedHealth.Gone)
        {
            if (await look.WhoAsync(engine.Address, engine.Key, cancellationToken) is AttachSight.Engine back) _held[id] = new(Engine(id, engine.Address, engine.Key, back, engine.IsFound), 0);
            return;
        }

        // the port of one that ended may be another user's now, who must not read what is asked
        if (engine.IsFound && engine.Address.IsLoopback && !AttachLook.IsOursOrTheSystems(engine.Address.Port))
        {
            LogGone(id, engine.Address);
            _held.Remove(id);
            return;
        }

        var endpoint = await look.EndpointAsync(engine.Address, cancellationToken);
        var said = endpoint is null ? Heard.Nothing : await look.ModelsAsync(engine.Address, engine.Key, cancellationToken);
        if (said.IsLocked)
        {
            _held[id] = new(Turned(engine with { Endpoint = endpoint! }, AttachedHealth.Locked), 0);
        }
        else if (AttachedModels.Of(said, AbilitiesOf(engine.Product)) is { } models)
        {
            _held[id] = new(Turned(engine with { Endpoint = endpoint!, Models = models, Gaps = GapsOf(engine.Product) }, AttachedHealth.Answers), 0);
        }
        else if (misses + 1 < MissesUntilGone)
        {
            _held[id] = new(engine, misses + 1);
        }
        else if (engine.IsFound)
        {
            LogGone(id, engine.Address);
            _held.Remove(id);
        }
        else
        {
            _held[id] = new(Turned(engine, AttachedHealth.Gone), misses + 1);
        }
    }

    private async Task SearchAsync(CancellationToken cancellationToken)
    {
        var ports = shelf.Current.Manifests.Select(manifest => manifest.Serves?.Port).OfType<int>().Append(OllamaPort).Append(Gpt4AllPort).Distinct();
        foreach (var address in ports.Where(port => !IsOurs(port)).Select(AttachAddress.Loopback))
        {
            if (_notes.Ignored.Contains(address.Url) || _held.Values.Any(held => held.Engine.Address.IsLoopback && held.Engine.Address.Port == address.Port)) continue;
            if (await look.EndpointAsync(address, cancellationToken) is null)
            {
                _strangers.Remove(address.Port);
                continue;
            }

            // somebody's own server is not asked the same again and again
            if (_strangers.Contains(address.Port) || !AttachLook.IsOursOrTheSystems(address.Port)) continue;
            switch (await look.WhoAsync(address, null, cancellationToken))
            {
                case AttachSight.Engine { Product: { } product } sight when IsAllowed(product):
                    var id = IdFor(product, address);
                    _held[id] = new(Engine(id, address, null, sight, isFound: true), 0);
                    break;
                case AttachSight.Engine { Product: not null }:
                case AttachSight.Silent:
                    break;
                default:
                    _strangers.Add(address.Port);
                    break;
            }
        }
    }

    /// <summary>A product that <c>providers.enabled</c> leaves out is left alone; one that no manifest describes cannot be left out there.</summary>
    private bool IsAllowed(string product) => shelf.Current.Find(product) is null || config.Current.Providers.Allows(product);

    private bool IsOurs(int port) => own.All.Contains(port) || engines.HasGiven(port);

    private string IdFor(string? product, AttachAddress address) => AttachNames.IdOf(product, product is not null && shelf.Current.Find(product) is { IsAttached: false }, address, IsTaken);

    /// <summary>By another attached engine, by a cloud, or by a product that helix runs itself.</summary>
    private bool IsTaken(string id) => _held.ContainsKey(id) || IsCloud(id) || id == "helix" || shelf.Current.Find(id) is { IsAttached: false };

    private ModelAbilities AbilitiesOf(string? product)
    {
        var known = product is not null && shelf.Current.Find(product) is { } manifest ? PlannedProvider.AbilitiesOfAttached(manifest) : ModelAbilities.None;
        return known != ModelAbilities.None ? known : ModelAbilities.Everything;
    }

    /// <summary>What is written of a product holds for everybody's, but for a library's: the server around that is helix's own, and takes no port.</summary>
    private ParameterGaps? GapsOf(string? product) => product is not null && shelf.Current.Find(product) is { Serves: { Port: not null } serves } ? serves.Gaps : null;

    private AttachedEngine Engine(string id, AttachAddress address, string? key, AttachSight.Engine sight, bool isFound)
    {
        var models = AttachedModels.Of(sight.Models, AbilitiesOf(sight.Product));
        var health = sight.Models.IsLocked ? AttachedHealth.Locked : models is null ? AttachedHealth.Gone : AttachedHealth.Answers;
        LogFound(id, address, sight.Product ?? "an OpenAI-compatible server");
        return new(
            id, shelf.Current.Find(sight.Product ?? "")?.Name ?? AttachNames.NameOf(sight.Product), sight.Product, address, sight.Endpoint, key, sight.Release, isFound, health, models ?? [], time.GetUtcNow())
        {
            Gaps = GapsOf(sight.Product),
        };
    }

    private AttachedEngine Turned(AttachedEngine engine, AttachedHealth health)
    {
        if (engine.Health == health) return engine;
        if (health == AttachedHealth.Gone) LogGone(engine.Id, engine.Address);
        return engine with { Health = health, Since = time.GetUtcNow() };
    }

    private void Publish()
    {
        var now = _held.Values.Select(held => held.Engine).ToImmutableArray();
        var before = Current.Engines;
        if (now.Length == before.Length && now.Zip(before).All(pair => pair.First.LooksLike(pair.Second))) return;
        _published.Replace(new(now));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Id} at {Address} is {Product}, run by somebody else: it is used")]
    private partial void LogFound(string id, AttachAddress address, string product);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Id} at {Address} no longer answers")]
    private partial void LogGone(string id, AttachAddress address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "what was attached is forgotten: {Reason}")]
    private partial void LogUnreadable(string reason);

    private sealed record Held(AttachedEngine Engine, int Misses);
}
