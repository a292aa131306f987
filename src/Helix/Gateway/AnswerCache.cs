using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using Helix.Access;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Fleet;
using Helix.Models;

namespace Helix.Gateway;

/// <summary>Answers equal requests from memory, and those that come while the first is answered together with it.</summary>
/// <param name="library">Knows the digests of models; null where there is none.</param>
internal sealed class AnswerCache(
    IFleetView fleet, KeyRing keys, KeptAnswers kept, MeantAnswers meant, SharedAnswers shared, Func<HelixConfig> config, TimeProvider time, ModelLibrary? library = null)
{
    /// <summary>A longer request is asked of an engine each time, in bytes: to compare it would take too long.</summary>
    private const int LongestBody = 1 << 20;

    private static readonly TimeSpan s_signEvery = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, AnswerRecord> _coming = new(StringComparer.Ordinal);

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
    /// <returns>Null where it is to be answered by an engine, and memory has nothing to do with that.</returns>
    public Task? AnswerAsync(Exchange exchange, CacheWish wish, Func<Exchange, Task> ask) =>
        Find(exchange, wish) is { } sought ? AnswerAsync(exchange, wish, sought, ask)
        : wish.OnlyIfCached ? exchange.FailAsync(EngineErrors.NotCached)
        : null;

    private async Task AnswerAsync(Exchange exchange, CacheWish wish, Sought sought, Func<Exchange, Task> ask)
    {
        var (key, model) = (sought.Key, sought.Model);
        if (wish.MayRead && kept.Find(key) is { } known && IsFresh(known, wish))
        {
            await TellAsync(exchange, known, MemoryUse.Hit, wish.AtPace);
            return;
        }

        if (wish.MayRead && await shared.FindAsync(key) is { } found && IsFresh(found, wish))
        {
            kept.Keep(key, found);
            await TellAsync(exchange, found, MemoryUse.Hit, wish.AtPace);
            return;
        }

        // who can be told what is being answered needs nothing that is like it
        var question = sought.ComparesMeaning && !_coming.ContainsKey(key) ? meant.Ask(exchange, sought.Owner, sought.By, model) : null;
        if (wish.MayRead && question is not null && await meant.FindAsync(question, wish.MaxAge, exchange) is var (alike, similarity))
        {
            await TellAsync(exchange, alike, MemoryUse.Semantic, wish.AtPace, similarity);
            return;
        }

        if (wish.OnlyIfCached)
        {
            await exchange.FailAsync(EngineErrors.NotCached);
            return;
        }

        var record = new AnswerRecord(model.Id, model.IsSelfTest, time);
        if (wish is { MayRead: true, MayStore: true } && exchange.MayShare && _coming.GetOrAdd(key, record) is var first && first != record)
        {
            if (await TellAsync(exchange, first, MemoryUse.Shared, atPace: false)) return;
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

        exchange.Memory = MemoryUse.Miss;
        exchange.Record = wish.MayStore && !exchange.Answering ? record : null;
        try
        {
            await ask(exchange);
        }
        finally
        {
            if (record.End(exchange is { IsComplete: true, Failed: false }) && config().Performance.CacheResponses)
            {
                kept.Keep(key, record);
                shared.Keep(key, record, TimeSpan.FromSeconds(config().Performance.CacheSeconds));
                // nobody waits until its vector is there
                if (question is not null) _ = meant.KeepAsync(question, key, record.Ended);
            }

            _coming.TryRemove(new(key, record));
        }
    }

    /// <param name="similarity">Of the question to which it was given; null where that was the same.</param>
    /// <returns>False if it did not come to its end; the client may have a part of it.</returns>
    private async Task<bool> TellAsync(Exchange exchange, AnswerRecord record, MemoryUse use, bool atPace, float? similarity = null)
    {
        var (number, began) = (0, time.GetTimestamp());
        while (true)
        {
            var heard = record.From(number);
            if (heard is { IsOver: true, IsWhole: false }) return false;
            // a piece of JSON is no use to anybody who may have to ask again
            if (heard.Head is { } head && (heard.IsOver || (head.IsEventStream && heard.Pieces.Count > 0)))
            {
                if (exchange is { Opened: true, IsTranslated: false, Answering: false } && !head.IsEventStream) return false;
                if (number == 0) exchange.AdoptKept(head, heard.Provider, record.IsSelfTest, use, heard.IsOver ? time.GetUtcNow() - record.Ended : null, similarity);
                var pieces = heard.Pieces.Count == 0 ? [] : heard.IsOver && !atPace ? [(TimeSpan.Zero, AnswerRecord.Joined(heard.Pieces))] : heard.Pieces;
                foreach (var (at, piece) in pieces)
                {
                    if (atPace && at - pieces[0].At - time.GetElapsedTime(began) is { Ticks: > 0 } early) await Task.Delay(early, time, exchange.ClientLeft);
                    if (!await exchange.AnswerAsync(piece)) return true;
                    if (exchange.HeldFailure is not null) return false;
                }

                number += heard.Pieces.Count;
            }

            if (heard.IsOver)
            {
                await exchange.CompleteAsync(exchange.Timestamp);
                return true;
            }

            if (!await MoreAsync(exchange, heard.Changed, number > 0)) return false;
        }
    }

    /// <summary>Waits for the next piece; a stream hears signs of life until the first.</summary>
    /// <returns>False if it takes too long.</returns>
    private async Task<bool> MoreAsync(Exchange exchange, Task changed, bool hasBegun)
    {
        var gateway = config().Gateway;
        var limit = TimeSpan.FromSeconds(hasBegun && gateway.StallDeadline > 0 ? gateway.StallDeadline : gateway.ModelDeadline);
        if (!hasBegun && exchange.Patience < limit) limit = exchange.Patience.Value;
        for (var began = time.GetTimestamp(); ;)
        {
            var left = limit - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero) return false;
            using var over = CancellationTokenSource.CreateLinkedTokenSource(exchange.ClientLeft);
            await Task.WhenAny(changed, Task.Delay(left < s_signEvery ? left : s_signEvery, time, over.Token));
            await over.CancelAsync();
            if (changed.IsCompleted) return true;
            exchange.ClientLeft.ThrowIfCancellationRequested();
            if (!hasBegun && exchange.Facts.Stream) await exchange.SignOfLifeAsync("waiting: the same is being asked already");
        }
    }

    private bool IsFresh(AnswerRecord record, CacheWish wish)
    {
        var age = time.GetUtcNow() - record.Ended;
        return age <= TimeSpan.FromSeconds(config().Performance.CacheSeconds) && (wish.MaxAge is not { } most || age <= most);
    }

    /// <param name="Key">Under which it is found.</param>
    /// <param name="Model">That is to answer it.</param>
    /// <param name="Owner">Whose memory it is.</param>
    /// <param name="By">Who is to answer it: a model, with its weights, at a provider.</param>
    /// <param name="ComparesMeaning">A key says so when it is made, whatever its client says; without a key the client says, or the configuration.</param>
    private readonly record struct Sought(string Key, ServedModel Model, string Owner, string By, bool ComparesMeaning);

    /// <returns>Null where nothing is to be kept.</returns>
    private Sought? Find(Exchange exchange, CacheWish wish)
    {
        var now = config();
        if (!now.Performance.CacheResponses)
        {
            kept.Clear();
            return null;
        }

        if (wish is { MayRead: false, MayStore: false } || exchange.Body.Length > LongestBody || !exchange.Route.IsUsual || !(exchange.Facts.IsSteady || wish.IsAsked || exchange.Route == InferenceRoute.Embeddings)) return null;
        var (model, provider) = Routing.Choose(fleet.Current, exchange.Wanted, exchange.Route.Needs, now.Builtin.Model) switch
        {
            ModelChoice.Send(var found, var named) => (found, named),
            ModelChoice.Wait(var found, _, var named) => (found, named),
            _ => default((ServedModel?, string?)),
        };
        if (model is null || exchange.KeepsWords(model)) return null;
        // a name that is given to another key, or to another model, is another one's
        var presented = exchange.Key.Length == 0 ? null : keys.Named(exchange.Key);
        var compares = exchange.Key.Length == 0 ? wish.ByMeaning || now.Performance.SemanticCache : presented is { ComparesMeaning: true };
        var (owner, by) = (string.Create(CultureInfo.InvariantCulture, $"{exchange.Key}/{presented?.Created.UtcTicks ?? 0}"), ModelMark.Of(model, provider, library));
        try
        {
            exchange.Model = model.Id;
            return new Sought(AnswerKey.Of(owner, exchange.Route, by, exchange.Body), model, owner, by, compares);
        }
        catch (InvalidOperationException)
        {
            // half of a character somewhere in it: engines may take it all the same
            return null;
        }
    }
}
