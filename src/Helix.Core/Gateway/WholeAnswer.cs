using System.Text.Json;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Gateway;

/// <summary>Tells whether what came under a status of success is an answer, and all of it.</summary>
internal static class WholeAnswer
{
    public static bool IsGood(UpstreamHead head, ReadOnlyMemory<byte> body) => head.Status == 200 && (head.IsEventStream ? IsGoodStream(body.Span) : IsGoodJson(body));

    private static bool IsGoodStream(ReadOnlySpan<byte> events)
    {
        var hasEnded = false;
        foreach (var data in EventData.Of(events))
        {
            var isDone = EventData.IsDone(data);
            if (!isDone && ChatPiece.Read(data) is not { Error: null }) return false;
            hasEnded |= isDone;
        }

        return hasEnded;
    }

    private static bool IsGoodJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.Any("error") is null && !(root.Any("object") is { ValueKind: JsonValueKind.String } kind && kind.ValueEquals("error"u8));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
