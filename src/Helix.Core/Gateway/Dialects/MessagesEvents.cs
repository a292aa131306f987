using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Hears a stream of Anthropic's events.</summary>
/// <param name="chunks">Puts them into OpenAI's; null where they are told on byte by byte.</param>
internal sealed class MessagesEvents(ChatChunks? chunks) : MessagesAnswer
{
    /// <summary>What only opens the answer. It is told with the next event: where that is an error, the client hears of nothing else, and by status.</summary>
    private byte[] _held = [];
    private bool _isOpen;

    public override ReadOnlyMemory<byte> Push(ReadOnlyMemory<byte> piece, bool isLast)
    {
        var heard = 0;
        while (heard < piece.Length)
        {
            var length = SseEvents.FirstLength(piece.Span[heard..]);
            foreach (var data in EventData.Of(piece.Span.Slice(heard, length))) Hear(data);
            if (Failure is not null) break;
            heard += length;
        }

        var told = chunks is null ? piece[..heard] : chunks.Taken();
        if (!_isOpen && Failure is not null) return default;
        if (!_isOpen && !isLast && _held.Length + told.Length <= StreamStart.MostHeld)
        {
            _held = [.. _held, .. told.Span];
            return default;
        }

        _isOpen = true;
        if (_held.Length == 0) return told;
        byte[] all = [.. _held, .. told.Span];
        _held = [];
        return all;
    }

    private void Hear(byte[] data)
    {
        try
        {
            using var document = JsonDocument.Parse(data);
            Hear(document.RootElement, data);
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            // no event of this API, or half of a character stands in a name
        }
    }

    private void Hear(JsonElement root, byte[] data)
    {
        var type = MessagesWords.Text(root, "type");
        // whoever speaks these words without being Anthropic may have an error in another shape
        if (type == "error" || (type is null && root.Any("error") is not null))
        {
            Failure = data;
            return;
        }

        switch (type)
        {
            case "message_start":
                HasBegun = true;
                if (root.Any("message") is { } message) Figures.Hear(message, isBeginning: true);
                break;
            case "message_delta":
                Figures.Hear(root);
                break;
            case "message_stop":
                IsWhole = true;
                break;
        }

        _isOpen |= type != "message_start";
        if (type is not null) chunks?.Take(type, root, Usage);
    }
}
