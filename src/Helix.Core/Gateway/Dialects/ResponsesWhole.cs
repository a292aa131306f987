namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts a whole answer into a response.</summary>
internal sealed class ResponsesWhole(ResponseFrame frame) : WholeTranslation
{
    protected override ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> answer)
    {
        if (Read(answer) is not { } said) return default;
        List<ResponseItem> items = [];
        if (!string.IsNullOrEmpty(said.Thought)) items.Add(new ResponseItem.Reasoning($"rs_{frame.Id}_{items.Count}", said.Thought));
        if (!string.IsNullOrEmpty(said.Text)) items.Add(new ResponseItem.Message($"msg_{frame.Id}_{items.Count}", said.Text));
        foreach (var call in said.Calls) items.Add(new ResponseItem.Call($"fc_{frame.Id}_{items.Count}", string.IsNullOrEmpty(call.Id) ? $"call_{frame.Id}_{items.Count}" : call.Id, call.Name ?? "", call.Arguments));
        if (said.Finish is "length" or "content_filter" && items.Count > 0) items[^1] = items[^1] with { IsCut = true };
        return DialectJson.Value(json => frame.Write(json, said.Finish ?? "stop", said.Usage ?? default(TokenUsage), null, output =>
        {
            foreach (var item in items) item.Write(output, isOver: true);
        }));
    }
}
