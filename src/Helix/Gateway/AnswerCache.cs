using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using Helix.Access;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Fleet;
using Helix.Models;
using Microsoft.Extensions.Caching.Memory;

namespace Helix.Gateway;

/// <summary>Answers equal requests from memory, and those that come while the first is answered together with it.</summary>
internal sealed class AnswerCache : IDisposable
{
    /// <summary>A longer request is asked of an engine each time, in bytes: to compare it would take too long.</summary>
    private const int LongestBody = 1 << 20;

    private static readonly TimeSpan s_signEvery = TimeSpan.FromSeconds(5);

    private readonly IFleetView _fleet;
    private readonly KeyRing _keys;
    private readonly Func<HelixConfig> _config;
    private readonly TimeProvider _time;
    private readonly SharedAnswers _shared;
    private readonly ModelLibrary? _library;
    private readonly MemoryCache _kept;
    private readonly ConcurrentDictionary<string, AnswerRecord> _coming = new(StringComparer.Ordinal);

    /// <param name="library">Knows the digests of models; null where there is none.</param>
    public AnswerCache(IFleetView fleet, KeyRing keys, SharedAnswers shared, Func<HelixConfig> config, TimeProvider time, ModelLibrary? library = null)
    {
        (_fleet, _keys, _shared, _config, _time, _library) = (fleet, keys, shared, config, time, library);
        _kept = new(new MemoryCacheOptions { SizeLimit = (long)config().Performance.CacheMegabytes << 20 });
    }

    public void Dispose() => _kept.Dispose();

    /// <summary>What the client says about it.</summary>
    /// <returns>Null where it is not understood.</returns>
    public static CacheWish? WishOf(IHeaderDictionary headers)
    {
        var wish = CacheWish.None;
        if (headers.CacheControl.ToString() is { Length: > 0 } control && CacheControlHeaderValue.TryParse(control, out var said))
            wish = new(!said.NoCache && !said.NoStore, !said.NoStore, said.MaxAge, said.OnlyIfCached);
        return wish.With(headers[CacheWish.Header]);
    }

    /// <param name="ask">Has the request answered by an engine.</param>
    public async Task AnswerAsync(Exchange exchange, CacheWish wish, Func<Task> ask)
    {
        if (Find(exchange, wish) is not var (key, model))
        {
            await (wish.OnlyIfCached ? exchange.FailAsync(EngineErrors.NotCached) : ask());
            return;
        }

        if (wish.MayRead && _kept.TryGetValue(key, out AnswerRecord? kept) && IsFresh(kept!, wish))
        {
            await TellAsync(exchange, kept!, "hit", wish.AtPace);
            return;
        }

        if (wish.MayRead && await _shared.FindAsync(key) is { } found && IsFresh(found, wish))
        {
            Keep(key, found);
            await TellAsync(exchange, found, "hit", wish.AtPace);
            return;
        }

        if (wish.OnlyIfCached)
        {
            await exchange.FailAsync(EngineErrors.NotCached);
            return;
        }

        var record = new AnswerRecord(model.Id, model.IsSelfTest, _time);
        if (wish is { MayRead: true, MayStore: true } && exchange.MayShare && _coming.GetOrAdd(key, record) is var first && first != record)
        {
            if (await TellAsync(exchange, first, "shared", atPace: false)) return;
            // who was asked for both has failed, was left, or takes too long: this one is on its own
            if (!exchange.Answering)
            {
                exchange.StartsOver();
                if (exchange.Patience <= TimeSpan.Zero)
                {
                    await exchange.FailAsync(EngineErrors.TooLate);
                    return;
                }
            }
            else if (await exchange.EndsWellAsync()) return;
            else if (!exchange.GoesOn())
            {
                await exchange.FailAsync(EngineErrors.DiedWhileAnswering);
                return;
            }
        }

        exchange.CacheState = "miss";
        exchange.Record = wish.MayStore && !exchange.Answering ? record : null;
        try
        {
            await ask();
        }
        finally
        {
            if (record.End(exchange is { IsComplete: true, Failed: false }) && _config().Performance.CacheResponses)
            {
                Keep(key, record);
                _shared.Keep(key, record, TimeSpan.FromSeconds(_config().Performance.CacheSeconds));
            }

            _coming.TryRemove(new(key, record));
        }
    }

    private void Keep(string key, AnswerRecord record) =>
        _kept.Set(key, record, new MemoryCacheEntryOptions { Size = record.Size + key.Length, AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(_config().Performance.CacheSeconds) });

    /// <returns>False if it did not come to its end; the client may have a part of it.</returns>
    private async Task<bool> TellAsync(Exchange exchange, AnswerRecord record, string state, bool atPace)
    {
        var (number, began) = (0, _time.GetTimestamp());
        while (true)
        {
            var heard = record.From(number);
            if (heard is { IsOver: true, IsWhole: false }) return false;
            // a piece of JSON is no use to anybody who may have to ask again
            if (heard.Head is { } head && (heard.IsOver || (head.IsEventStream && heard.Pieces.Count > 0)))
            {
                if (exchange is { Opened: true, IsTranslated: false, Answering: false } && !head.IsEventStream) return false;
                if (number == 0) exchange.AdoptKept(head, heard.Provider, record.IsSelfTest, state, heard.IsOver ? _time.GetUtcNow() - record.Ended : null);
                var pieces = heard.Pieces.Count == 0 ? [] : heard.IsOver && !atPace ? [(TimeSpan.Zero, AnswerRecord.Joined(heard.Pieces))] : heard.Pieces;
                foreach (var (at, piece) in pieces)
                {
                    if (atPace && at - pieces[0].At - _time.GetElapsedTime(began) is { Ticks: > 0 } early) await Task.Delay(early, _time, exchange.ClientLeft);
                    if (!await exchange.AnswerAsync(piece)) return true;
                    if (exchange.HeldFailure is not null) return false;
                }

                number += heard.Pieces.Count;
            }

            if (heard.IsOver)
            {
                await exchange.CompleteAsync();
                return true;
            }

            if (!await MoreAsync(exchange, heard.Changed, number > 0)) return false;
        }
    }

    /// <summary>Waits for the next piece; a stream hears signs of life until the first.</summary>
    /// <returns>False if it takes too long.</returns>
    private async Task<bool> MoreAsync(Exchange exchange, Task changed, bool hasBegun)
    {
        var gateway = _config().Gateway;
        var limit = TimeSpan.FromSeconds(hasBegun && gateway.StallDeadline > 0 ? gateway.StallDeadline : gateway.ModelDeadline);
        if (!hasBegun && exchange.Patience < limit) limit = exchange.Patience.Value;
        for (var began = _time.GetTimestamp(); ;)
        {
            var left = limit - _time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero) return false;
            using var over = CancellationTokenSource.CreateLinkedTokenSource(exchange.ClientLeft);
            await Task.WhenAny(changed, Task.Delay(left < s_signEvery ? left : s_signEvery, _time, over.Token));
            await over.CancelAsync();
            if (changed.IsCompleted) return true;
            exchange.ClientLeft.ThrowIfCancellationRequested();
            if (!hasBegun && exchange.Facts.Stream) await exchange.SignOfLifeAsync("waiting: the same is being asked already");
        }
    }

    private bool IsFresh(AnswerRecord record, CacheWish wish)
    {
        var age = _time.GetUtcNow() - record.Ended;
        return age <= TimeSpan.FromSeconds(_config().Performance.CacheSeconds) && (wish.MaxAge is not { } most || age <= most);
    }

    /// <returns>Under which key it is found, and who is to answer it; null where nothing is to be kept.</returns>
    private (string Key, ServedModel Model)? Find(Exchange exchange, CacheWish wish)
    {
        var config = _config();
        if (!config.Performance.CacheResponses)
        {
            if (_kept.Count > 0) _kept.Clear();
            return null;
        }

        if (wish is { MayRead: false, MayStore: false } || exchange.Body.Length > LongestBody || !(exchange.Facts.IsSteady || wish.IsAsked || exchange.Route == InferenceRoute.Embeddings)) return null;
        var (model, provider) = Routing.Choose(_fleet.Current, exchange.Wanted, exchange.Route.Needs, config.Builtin.Model) switch
        {
            ModelChoice.Send(var found, var named) => (found, named),
            ModelChoice.Wait(var found, _, var named) => (found, named),
            _ => default((ServedModel?, string?)),
        };
        if (model is null) return null;
        // a name that is given to another key, or to another model, is another one's
        var since = exchange.Key.Length == 0 ? 0 : _keys.All().FirstOrDefault(key => key.Name == exchange.Key)?.Created.UtcTicks ?? 0;
        try
        {
            exchange.Model = model.Id;
            return (AnswerKey.Of(
                string.Create(CultureInfo.InvariantCulture, $"{exchange.Key}/{since}"), exchange.Route, string.Create(CultureInfo.InvariantCulture, $"{provider}/{model.Id}/{_library?.Current.Find(model.Id)?.Sha256 ?? $"{model.Added.UtcTicks}"}"), exchange.Body), model);
        }
        catch (InvalidOperationException)
        {
            // half of a character somewhere in it: engines may take it all the same
            return null;
        }
    }
}
