using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;
using Helix.Fleet;

namespace Helix.Gateway;

/// <summary>Reads what a client asks, in whatever words, and puts it into those that engines know.</summary>
internal sealed class RequestReader(IFleetView fleet, Aliases aliases, Func<HelixConfig> config)
{
    private const string BetaHeader = "anthropic-beta";

    /// <param name="form">Has looked at it as it arrived; null where it is none.</param>
    public ReadRequest Read(Dialect dialect, InferenceRoute route, ReadOnlyMemory<byte> asked, FormPeek? form, IHeaderDictionary headers)
    {
        if (dialect is OpenAiDialect) return Looked(route, asked, null, form);
        var own = dialect.Kind == ClientDialect.Anthropic ? new OwnWords(asked, headers[BetaHeader].ToString()) : null;
        switch (dialect.Read(asked, ContextOf))
        {
            // one who speaks them may know what nobody here does
            case Translated.Bad(var error): return own is not null && IsForSpeaker(asked) ? Looked(route, asked, new(own, error, [])) : new ReadRequest(route) { Error = error };
            case Translated.Loads(var name, var unloads): return new ReadRequest(route) { Loads = name, Unloads = unloads };
            case Translated.Good(var body, var dropped) good: return Looked(good.Route, body, new(own, null, dropped));
            default: throw new InvalidOperationException("a new kind of translation");
        }
    }

    /// <param name="continues">Streams that break off go on, where the client does not say otherwise.</param>
    public static (RequestWishes Wishes, GatewayError? Bad) WishesOf(IHeaderDictionary headers, bool continues)
    {
        var (wishes, bad) = RequestWishes.Read(
            headers[RequestWishes.PriorityHeader], headers[RequestWishes.TimeoutHeader], headers[RequestWishes.ClientTimeoutHeader], headers[RequestWishes.ContinueHeader]);
        return (continues && wishes.Continues is null ? wishes with { Continues = true } : wishes, bad);
    }

    private static ReadRequest Looked(InferenceRoute route, ReadOnlyMemory<byte> body, OtherWords? other, FormPeek? form = null) =>
        FactsOf(body, form, out var bad) is { } facts ? new ReadRequest(route, body, route.Seen(facts, body.Length), other) : new ReadRequest(route) { Error = bad };

    private static BodyFacts? FactsOf(ReadOnlyMemory<byte> body, FormPeek? form, out GatewayError? bad)
    {
        if (form is null) return BodyPeek.FactsOf(body.Span, out bad);
        var look = form.End();
        bad = (look as BodyLook.Bad)?.Error;
        return (look as BodyLook.Good)?.Facts;
    }

    /// <summary>It names a model, or a list with one, of a cloud that is asked in Anthropic's words, whether that can be asked now or not.</summary>
    private bool IsForSpeaker(ReadOnlyMemory<byte> asked)
    {
        if (BodyPeek.Look(asked.Span) is not BodyLook.Good({ Model: { } model })) return false;
        ImmutableArray<string> names = aliases.Of(model) is { IsEmpty: false } several ? several : [model];
        return names.Any(name => Routing.Choose(fleet.Current, BodyFacts.Naming(name), ModelAbilities.Chat, config().Builtin.Model) is var choice && (choice.Found ?? choice.Failed) is { SpeaksMessages: true });
    }

    private int ContextOf(string? model) =>
        Routing.Choose(fleet.Current, BodyFacts.Naming(aliases.First(model) ?? "auto"), ModelAbilities.Chat, config().Builtin.Model).Found?.ContextTokens ?? 0;
}
