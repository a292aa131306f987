using System.Collections.Immutable;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Fleet;

namespace Helix.Gateway;

/// <summary><c>POST /helix/v1/route/explain?path=/v1/chat/completions</c>: takes the body of a request to a model and tells where it would go.</summary>
internal sealed class ExplainEndpoint(IFleetView fleet, Backends backends, Aliases aliases, Offers offers, Func<HelixConfig> config)
{
    public async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Query["path"].ToString();
        if (InferenceRoute.Of(path.Length == 0 ? InferenceRoute.Chat.Path : path) is not { } route)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("unknown_path", "No model is asked under this path.", $"Ask with ?path= and one of: {string.Join(", ", InferenceRoute.All.Select(each => each.Path))}."));
            return;
        }

        var (form, unbound) = route.TakesForm ? FormPeek.Of(context.Request.ContentType) : default;
        if (unbound is not null)
        {
            await ApiAnswer.RefuseAsync(context, unbound.Status, new(unbound.Code, unbound.Message));
            return;
        }

        using var body = await RequestBody.ReadAsync(context, form);
        switch (form?.End() ?? BodyPeek.Look(body.Bytes.Span))
        {
            case BodyLook.Bad(var error):
                await ApiAnswer.RefuseAsync(context, error.Status, new(error.Code, error.Message));
                return;
            case BodyLook.Good(var facts):
                await ApiAnswer.OkAsync(context, Report(route, route.Seen(facts, body.Bytes.Length), body.Bytes.Span), RouteJson.Default.RouteReport);
                return;
        }
    }

    private RouteReport Report(InferenceRoute route, BodyFacts facts, ReadOnlySpan<byte> body)
    {
        var snapshot = fleet.Current;
        var order = aliases.InOrder(route, facts, body);
        ImmutableArray<string> names = order.Names.IsEmpty ? [facts.Model!] : order.Names;
        var choices = names.Select(name => Routing.Choose(snapshot, facts with { Model = name }, route.Needs, config().Builtin.Model)).ToArray();
        // who is ready goes before who has to be waited for, but for a cloud
        var next = choices.FirstOrDefault(choice => choice is ModelChoice.Send send && Unknown(send.Model) is null);
        if (next is null or { IsCloud: true })
            next = choices.FirstOrDefault(choice => choice is ModelChoice.Wait || (choice is ModelChoice.Send send && Unknown(send.Model) is null or { IsAwaited: true })) ?? choices.FirstOrDefault(choice => choice is ModelChoice.Send);
        switch (next ?? choices[0])
        {
            case ModelChoice.Refuse(var error, _): return new(facts.Model, null, "refuse", offers.With(error, route).Message, []);
            case ModelChoice.Wait(var model, var progress, _): return new(facts.Model, model.Id, "wait", progress, []);
            case ModelChoice.Send(var model, var provider) when Unknown(model) is { } unknown:
                return unknown.IsAwaited && provider is null ? new(facts.Model, model.Id, "wait", EngineErrors.UnknownAwaited(model.Id), []) : new(facts.Model, null, "refuse", unknown.Error.Message, []);
            case ModelChoice.Send(var model, _):
                if (order.Contests.FirstOrDefault(contest => model.Backends.Any(backend => backend.Instance == contest.Winner.Instance)) is { } won)
                    return new(facts.Model, model.Id, "send", RouteWords.Of(won.Taken.For), [.. won.Candidates.Select((each, at) => Candidate(each, won.Weighed[at], at == won.Taken.At))]);
                var (candidates, taken) = backends.Weigh(model, route, facts, body);
                return new(facts.Model, model.Id, "send", RouteWords.Of(taken.For), [.. candidates.Select((each, at) => Candidate(each.Candidate, each.Weighed, at == taken.At))]);
            default: throw new InvalidOperationException("a new kind of choice");
        }

        UnknownParameters? Unknown(ServedModel model) => offers.Unknown(model, route, facts.Asked, ClientDialect.OpenAi);
    }

    private RouteCandidate Candidate(Candidate candidate, Weighed weighed, bool isChosen) => new(
        candidate.Backend.Instance, candidate.Backend.Provider, candidate.InFlight, candidate.Backend.ContextTokens, candidate.Breaker.Failures,
        weighed.Why == PassedOver.Broken ? Math.Max(0, (candidate.Breaker.OpenUntil - backends.Now).TotalSeconds) : null,
        weighed.Guess?.FirstToken * 1000, weighed.Guess?.Answer * 1000, candidate.Speed.Seen > 1 ? candidate.Speed.Error : null, weighed.Kept, RouteWords.Of(weighed.Why), isChosen,
        weighed.Cost?.Dollars, weighed.Cost is { } cost ? RouteWords.Word(cost.Basis) : null, weighed.Cost is null ? null : weighed.Score);
}
