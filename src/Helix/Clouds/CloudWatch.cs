using System.Collections.Immutable;
using System.Text;
using Helix.Core.Clouds;
using Helix.Core.Fleet;
using Helix.Fleet;
using Helix.Manifests;
using Helix.Models;
using Helix.Processes;

namespace Helix.Clouds;

/// <param name="Clouds">By id.</param>
internal sealed record CloudSet(ImmutableArray<Cloud> Clouds);

/// <summary>What came of the wish to add or to remove a cloud.</summary>
internal abstract record CloudOutcome
{
    private CloudOutcome() { }

    internal sealed record Done(Cloud Cloud) : CloudOutcome;

    internal sealed record Refused(string Code, string Reason, string? Remedy) : CloudOutcome;
}

/// <summary>Knows the clouds that the user added, and asks each of them now and then which models it has.</summary>
internal sealed partial class CloudWatch(CloudBook book, CloudSeal seal, CloudLook look, CloudDial dial, RefusedKeys keys, AttachWatch attached, ManifestShelf shelf, TimeProvider time, ILogger<CloudWatch> log) : BackgroundLoop
{
    private const int LongestKey = 1000;
    private const int MostModels = 500;

    /// <summary>Models of clouds come and go by the month.</summary>
    private static readonly TimeSpan s_pace = TimeSpan.FromHours(6);

    /// <summary>Names that mean something else.</summary>
    private static readonly string[] s_taken = ["helix", "auto", "cache", "semantic-cache", "ollama"];

    // one look or wish at a time: it owns everything below
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Published<CloudSet> _published = new(new CloudSet([]));
    private CloudNotes _notes = CloudNotes.Empty;

    public CloudSet Current => _published.Current;

    public long Version => _published.Version;

    /// <summary>Nothing may leave this machine.</summary>
    public bool IsOffline => dial.IsOffline;

    /// <summary>Those that have no other's name. A provider that helix has learned to install since goes before a cloud.</summary>
    public ImmutableArray<Cloud> Used => [.. Current.Clouds.Where(cloud => !IsHidden(cloud))];

    public bool IsHidden(Cloud cloud) => shelf.Current.Find(cloud.Id) is not null;

    public bool IsKeyRefused(Cloud cloud) => keys.Has(cloud.Id, cloud.Key);

    public Task ChangedAsync(long version, CancellationToken cancellationToken) => _published.ChangedAsync(version, cancellationToken);

    public bool Has(string id) => Current.Clouds.Any(cloud => cloud.Id == id);

    /// <param name="what">The id of a <see cref="CloudProduct"/>, or an address.</param>
    /// <param name="name">Its id here; null: one is made.</param>
    /// <param name="models">The only ones that are used; null: all that it lists.</param>
    /// <param name="speaks">Of <see cref="SpokenWords"/>; null: those that it had, or that are usual at its address.</param>
    public async Task<CloudOutcome> AddAsync(string what, string key, string? name, IReadOnlyList<string>? models, string? speaks, CancellationToken cancellationToken)
    {
        var product = CloudProduct.Find(what);
        if (product is null && !what.Contains('/', StringComparison.Ordinal) && !what.Contains('.', StringComparison.Ordinal))
            return new CloudOutcome.Refused("invalid", $"\"{what}\" is no cloud that helix knows, and no address", $"name one of {string.Join(", ", CloudProduct.All.Select(each => each.Id))}, or an address like https://api.example.com/v1");
        var (address, reason, remedy) = product is not null ? (product.Address, null, null) : CloudAddress.Parse(what);
        if (address is null) return new CloudOutcome.Refused("invalid", reason!, remedy);
        if (speaks is not null && SpokenWords.Of(speaks) is null) return new CloudOutcome.Refused("invalid", $"\"{speaks}\" are no words that helix speaks to clouds", "say openai or anthropic");
        if (key.Length is 0 or > LongestKey || key.Any(letter => letter is < '!' or > '~'))
            return new CloudOutcome.Refused("invalid", "this cannot be a key: a key has no spaces and only plain letters, digits and signs", "copy it once more from the cloud's own pages");
        if (models?.FirstOrDefault(model => !CloudModels.IsName(model)) is { } odd) return new CloudOutcome.Refused("invalid", $"\"{odd}\" cannot be the name of a model", "name them as the cloud does, with commas between");
        if (models is { Count: 0 or > MostModels }) return new CloudOutcome.Refused("invalid", $"{models.Count} models were named", $"name from 1 to {MostModels}, or none to have all that the cloud lists");

        var (secret, words) = (new Secret(key), SpokenWords.Of(speaks) ?? Current.Clouds.FirstOrDefault(cloud => cloud.Address == address && (name is null || cloud.Id == name))?.Words ?? CloudProduct.UsualAt(address));
        var (said, trouble) = await look.ModelsAsync(address, words, secret, cancellationToken);
        if (trouble is not null) return new CloudOutcome.Refused(dial.IsOffline ? "offline" : "unreachable", trouble, dial.IsOffline ? "set network.offline to false" : CloudTrouble.Remedy);
        if (IsOfKey(said) || (said.IsLocked && models is null)) return new CloudOutcome.Refused("conflict", $"{address.Host} does not accept this key (status {said.Status})", "copy it once more from the cloud's own pages, and see there what it may do");
        ImmutableArray<string>? names = models is null ? CloudModels.NamesIn(said) : [.. models.Distinct(StringComparer.Ordinal)];
        if (names is not { } known) return new CloudOutcome.Refused("conflict", $"{address.Url}/models gives no list of models (status {said.Status})", "see whether the address is right; where the cloud gives no list, name its models with --models A,B");

        await _turn.WaitAsync(cancellationToken);
        try
        {
            return Add(address, words, product, secret, name, known, models is not null);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async Task<CloudOutcome> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Current.Clouds.FirstOrDefault(cloud => cloud.Id == id) is not { } cloud)
                return new CloudOutcome.Refused("not_found", $"there is no cloud \"{id}\"", Current.Clouds.IsEmpty ? "there is no cloud at all" : $"there are: {string.Join(", ", Current.Clouds.Select(each => each.Id))}");
            return Keep(new([.. _notes.Clouds.Where(note => note.Id != id)])) ?? (CloudOutcome)new CloudOutcome.Done(cloud);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Asks all again which models they have; what cannot be reached keeps those that it had.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var cloud in Current.Clouds.Where(cloud => cloud.Key is not null))
        {
            try
            {
                await LookAsync(cloud, cancellationToken);
            }
            catch (Exception odd) when (!cancellationToken.IsCancellationRequested)
            {
                // what one of them says must not end the daemon, nor the looks at the others
                LogOdd(cloud.Id, odd.Message);
            }
        }
    }

    /// <summary>Takes up what the user added before.</summary>
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

        Publish();
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Recall();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        // the daemon's start goes first
        await Task.Yield();
        while (true)
        {
            await LookAsync(stoppingToken);
            await Task.Delay(s_pace, time, stoppingToken);
        }
    }

    /// <summary>Who adds one or removes one does not wait for what others say.</summary>
    private async Task LookAsync(Cloud cloud, CancellationToken cancellationToken)
    {
        var (said, _) = await look.ModelsAsync(cloud.Address, cloud.Words, cloud.Key!, cancellationToken);
        if (said.IsOk || IsOfKey(said)) keys.Note(cloud.Id, cloud.Key!, IsOfKey(said));
        if (CloudModels.NamesIn(said) is not { IsEmpty: false } names) return;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_notes.Clouds.FirstOrDefault(each => each.Id == cloud.Id) is not { IsChosen: false } note || note.Url != cloud.Address.Url || names.SequenceEqual(note.Models)) return;
            if (Keep(new([.. _notes.Clouds.Select(each => each.Id == note.Id ? each with { Models = names } : each)])) is { } refused) LogNotKept(refused.Reason);
        }
        finally
        {
            _turn.Release();
        }
    }

    private static bool IsOfKey(Heard said) => CloudRefusal.IsOfKey(said.Status, Encoding.UTF8.GetBytes(said.Text));

    private CloudOutcome Add(CloudAddress address, CloudWords words, CloudProduct? product, Secret key, string? name, ImmutableArray<string> models, bool isChosen)
    {
        // who gives another key for what is there, gives it for that
        var id = name ?? Current.Clouds.FirstOrDefault(cloud => cloud.Address == address)?.Id ?? product?.Id ?? IdOf(address);
        if (!AttachNames.IsId(id)) return new CloudOutcome.Refused("invalid", $"\"{id}\" cannot be a name", "use small letters, digits and -");
        if (Current.Clouds.FirstOrDefault(cloud => cloud.Id == id) is { } other && other.Address != address) return new CloudOutcome.Refused("conflict", $"\"{id}\" is the name of another cloud, {other.Address}", "choose another one with --name, or remove that one first");
        if (s_taken.Contains(id) || shelf.Current.Find(id) is not null || attached.Current.Engines.Any(engine => engine.Id == id)) return new CloudOutcome.Refused("conflict", $"\"{id}\" is the name of a provider", "choose another one with --name");
        try
        {
            var note = new CloudNote(id, address.Url, "", time.GetUtcNow(), models, isChosen, words == CloudProduct.UsualAt(address) ? null : SpokenWords.Name(words));
            note = note with { SealedKey = seal.Close(key.Reveal(), note.Purpose) };
            keys.Note(id, key, isRefused: false);
            return Keep(new([.. _notes.Clouds.Where(each => each.Id != id).Append(note).OrderBy(each => each.Id, StringComparer.Ordinal)])) ?? (CloudOutcome)new CloudOutcome.Done(Current.Clouds.Single(cloud => cloud.Id == id));
        }
        catch (IOException full)
        {
            return NotKept(full);
        }
    }

    private static string IdOf(CloudAddress address)
    {
        var host = address.Host.StartsWith("api.", StringComparison.Ordinal) ? address.Host["api.".Length..] : address.Host;
        return new string([.. host.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')]).Trim('-');
    }

    private CloudOutcome.Refused? Keep(CloudNotes notes)
    {
        try
        {
            book.Write(notes);
            _notes = notes;
            Publish();
            return null;
        }
        catch (IOException full)
        {
            return NotKept(full);
        }
    }

    private static CloudOutcome.Refused NotKept(IOException full) => new("no_space", $"it could not be remembered: {full.Message}", "make room, then try again; nothing was changed");

    private void Publish()
    {
        var now = _notes.Clouds.Select(Known).OfType<Cloud>().ToImmutableArray();
        if (now.Length == Current.Clouds.Length && now.Zip(Current.Clouds).All(pair => pair.First.LooksLike(pair.Second))) return;
        _published.Replace(new(now));
    }

    /// <returns>Null for what only another helix can have written.</returns>
    private Cloud? Known(CloudNote note)
    {
        if (CloudAddress.Parse(note.Url).Address is not { } address || !AttachNames.IsId(note.Id)) return null;
        var words = SpokenWords.Of(note.Speaks) ?? CloudProduct.UsualAt(address);
        return new(note.Id, CloudProduct.At(address)?.Name ?? address.Host, address, seal.Open(note.SealedKey, note.Purpose), CloudModels.Of(note.Models, words), note.Added) { Words = words };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the clouds that were added are forgotten: {Reason}")]
    private partial void LogUnreadable(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "what {Id} says of its models cannot be read: {Reason}")]
    private partial void LogOdd(string id, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the models that a cloud has now are forgotten with this daemon: {Reason}")]
    private partial void LogNotKept(string reason);
}
