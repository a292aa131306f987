using Helix.Core.Access;
using Helix.Core.Fleet;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class InferenceRouteTests
{
    [Theory]
    [InlineData("/v1/chat/completions", "Chat", "chat", "Writing", true, false, true)]
    [InlineData("/v1/completions", "Completion", "text_completion", "Writing", true, false, true)]
    [InlineData("/v1/embeddings", "Embeddings", "embeddings", "Reading", true, false, true)]
    [InlineData("/v1/rerank", "Rerank", "rerank", "Reading", false, false, false)]
    [InlineData("/v1/moderations", "Moderation", "moderation", "Reading", false, false, false)]
    [InlineData("/v1/images/generations", "Images", "image_generation", "Media", false, false, true)]
    [InlineData("/v1/images/edits", "ImageEdits", "image_edit", "Media", false, true, true)]
    [InlineData("/v1/images/variations", "ImageVariations", "image_variation", "Media", false, true, false)]
    [InlineData("/v1/audio/speech", "Speech", "speech", "Media", false, false, false)]
    [InlineData("/v1/audio/transcriptions", "Transcription", "transcription", "Media", false, true, true)]
    [InlineData("/v1/audio/translations", "Translation", "translation", "Media", false, true, false)]
    public void Each_path_is_what_it_is(string path, string needs, string operation, string kind, bool isUsual, bool takesForm, bool hasEvents)
    {
        var route = InferenceRoute.Of(path)!;

        Assert.Equal((path, needs, operation, kind), (route.Path, $"{route.Needs}", route.Operation, $"{route.Kind}"));
        Assert.Equal((isUsual, takesForm, hasEvents), (route.IsUsual, route.TakesForm, route.HasEvents));
        Assert.Equal(takesForm, AccessPaths.TakesForm(path));
        Assert.NotEqual(isUsual, (route.Needs & ModelAbilities.Special) == route.Needs);
        Assert.Equal(route.Needs == ModelAbilities.Completion, Routing.Words(route.Needs) == "completions");
    }

    [Fact]
    public void There_are_no_others()
    {
        Assert.Equal(11, InferenceRoute.All.Length);
        Assert.Equal(InferenceRoute.All.Length, InferenceRoute.All.Select(route => route.Needs).Distinct().Count());
        Assert.Null(InferenceRoute.Of("/v1/audio/Speech"));
        Assert.False(AccessPaths.TakesForm("/v1/models"));
        Assert.True(AccessPaths.TakesForm(AccessPaths.Explain));
    }

    [Fact]
    public void A_stream_is_one_only_where_its_answer_comes_as_events_and_a_ranking_is_read_whole()
    {
        var facts = BodyFacts.Naming("m") with { Stream = true, Prompt = 3..7 };

        Assert.Equal(facts, InferenceRoute.Transcription.Seen(facts, 100));
        Assert.Equal(facts with { Stream = false }, InferenceRoute.Speech.Seen(facts, 100));
        Assert.Equal(25, InferenceRoute.Rerank.Seen(facts, 100).PromptTokens(100));
    }
}
