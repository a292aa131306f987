using System.Collections.Frozen;
using System.Collections.Immutable;
using Helix.Core.Fleet;

namespace Helix.Core.Gateway;

/// <summary>What is done under a path.</summary>
internal enum RouteKind
{
    /// <summary>A text is answered by a text, token by token.</summary>
    Writing,

    /// <summary>Texts are read, and numbers come back.</summary>
    Reading,

    /// <summary>Pictures or sounds come or go: no tokens tell how long that takes, and it may be minutes.</summary>
    Media,
}

/// <summary>A path under which models are asked.</summary>
/// <param name="Needs">What a model must be able to do.</param>
/// <param name="Operation">What it is called in OpenTelemetry's conventions; where these have no word for it, a word of helix's own.</param>
internal sealed record InferenceRoute(string Path, ModelAbilities Needs, string Operation)
{
    public static InferenceRoute Chat { get; } = new("/v1/chat/completions", ModelAbilities.Chat, "chat") { IsUsual = true, HasEvents = true };

    public static InferenceRoute Completion { get; } = new("/v1/completions", ModelAbilities.Completion, "text_completion") { IsUsual = true, HasEvents = true };

    public static InferenceRoute Embeddings { get; } = new("/v1/embeddings", ModelAbilities.Embeddings, "embeddings") { Kind = RouteKind.Reading, IsUsual = true, HasEvents = true };

    public static InferenceRoute Rerank { get; } = new("/v1/rerank", ModelAbilities.Rerank, "rerank") { Kind = RouteKind.Reading, ReadsAll = true };

    public static InferenceRoute Moderation { get; } = new("/v1/moderations", ModelAbilities.Moderation, "moderation") { Kind = RouteKind.Reading };

    public static InferenceRoute Images { get; } = new("/v1/images/generations", ModelAbilities.Images, "image_generation") { Kind = RouteKind.Media, HasEvents = true };

    public static InferenceRoute ImageEdits { get; } = new("/v1/images/edits", ModelAbilities.ImageEdits, "image_edit") { Kind = RouteKind.Media, TakesForm = true, HasEvents = true };

    public static InferenceRoute ImageVariations { get; } = new("/v1/images/variations", ModelAbilities.ImageVariations, "image_variation") { Kind = RouteKind.Media, TakesForm = true };

    public static InferenceRoute Speech { get; } = new("/v1/audio/speech", ModelAbilities.Speech, "speech") { Kind = RouteKind.Media };

    public static InferenceRoute Transcription { get; } = new("/v1/audio/transcriptions", ModelAbilities.Transcription, "transcription") { Kind = RouteKind.Media, TakesForm = true, HasEvents = true };

    public static InferenceRoute Translation { get; } = new("/v1/audio/translations", ModelAbilities.Translation, "translation") { Kind = RouteKind.Media, TakesForm = true };

    public static ImmutableArray<InferenceRoute> All { get; } =
        [Chat, Completion, Embeddings, Rerank, Moderation, Images, ImageEdits, ImageVariations, Speech, Transcription, Translation];

    private static readonly FrozenDictionary<string, InferenceRoute> s_byPath = All.ToFrozenDictionary(route => route.Path, StringComparer.Ordinal);

    public RouteKind Kind { get; init; }

    /// <summary>Answers from memory, comparisons and prices of clouds are made for it.</summary>
    public bool IsUsual { get; init; }

    /// <summary>A form with files may be sent there, too.</summary>
    public bool TakesForm { get; init; }

    /// <summary>Where its client says <c>stream</c>, it means events; elsewhere a sound that is sent while it is made.</summary>
    public bool HasEvents { get; init; }

    /// <summary>All of the body is read by the model, not one part of it.</summary>
    private bool ReadsAll { get; init; }

    /// <returns>Null where no model is asked under this path.</returns>
    public static InferenceRoute? Of(string path) => s_byPath.GetValueOrDefault(path);

    /// <summary>What counts of a body under this path.</summary>
    /// <param name="length">Of the body, in bytes.</param>
    /// <remarks>What chats and embeddings call their parameters means something else elsewhere.</remarks>
    public BodyFacts Seen(BodyFacts facts, int length) => IsUsual ? facts : facts with
    {
        Stream = HasEvents && facts.Stream,
        Prompt = ReadsAll ? new(0, length) : facts.Prompt,
        Named = RequestParameters.None,
        Asked = RequestParameters.None,
    };
}
