namespace Helix.Core.Gateway.Dialects;

/// <summary>
/// Tells which call a piece belongs to. OpenAI numbers them; some engines give every call the number 0, or none, so that only another id tells that
/// another call has begun.
/// </summary>
internal sealed class CallNumbers
{
    private readonly Dictionary<int, (int Number, string? Id)> _current = [];
    private int _next;

    public int Of(CallPiece piece)
    {
        if (!_current.TryGetValue(piece.Index, out var known) || (!string.IsNullOrEmpty(piece.Id) && !string.IsNullOrEmpty(known.Id) && known.Id != piece.Id)) known = (_next++, piece.Id);
        else if (string.IsNullOrEmpty(known.Id)) known.Id = piece.Id;
        _current[piece.Index] = known;
        return known.Number;
    }
}
