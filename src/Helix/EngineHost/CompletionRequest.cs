using System.Text.Json;

namespace Helix.EngineHost;

/// <summary>Body of <c>POST /v1/completions</c>, known to be good.</summary>
/// <param name="Prompt">Tokens.</param>
internal sealed record CompletionRequest(int[] Prompt, AnswerWish Wish)
{
    public static CompletionRequest Read(JsonElement body, TextLimit limit, List<Refusal> faults)
    {
        var fields = new RequestFields(body, "", faults);
        var prompts = TextOrTokens.Read(fields, "prompt", limit);
        if (prompts.Count > 1)
            fields.Fault("prompt", "unsupported_parameter", "must be one prompt: send the others in requests of their own, they are answered at the same time");
        var wish = AnswerWish.Read(fields, chat: false);
        fields.RefuseOthers(AnswerWish.Harmless);
        return new CompletionRequest(prompts.Count == 1 ? prompts[0] : [], wish);
    }
}
