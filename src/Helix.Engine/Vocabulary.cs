using System.Buffers;
using System.Text;
using Helix.Engine.Native;

namespace Helix.Engine;

/// <summary>Text to tokens and back. Thread-safe.</summary>
internal sealed unsafe class Vocabulary
{
    /// <summary>Bytes that are tokenized at once while it is not known whether a long text fits.</summary>
    private const int PieceBytes = 16 * 1024;

    private readonly void* _handle;
    private readonly byte[]?[] _pieces;

    internal Vocabulary(void* handle)
    {
        _handle = handle;
        Count = Llama.llama_vocab_n_tokens(handle);
        _pieces = new byte[Count][];
    }

    public int Count { get; }

    internal void* Handle => _handle;

    /// <param name="whole">True for a whole prompt: marks such as the beginning of text are added where the model wants them.</param>
    public int[] Tokenize(ReadOnlySpan<byte> utf8, bool whole)
    {
        // every byte becomes one token at most; marks at both ends come on top
        var room = utf8.Length + 8;
        var rented = ArrayPool<int>.Shared.Rent(room);
        try
        {
            fixed (byte* text = utf8)
            fixed (int* tokens = rented)
            {
                byte nothing = 0;
                var count = Llama.llama_tokenize(_handle, text == null ? &nothing : text, utf8.Length, tokens, room, whole ? (byte)1 : (byte)0, parseSpecial: 1);
                if (count >= 0)
                    return rented.AsSpan(0, count).ToArray();
                var more = new int[-count];
                fixed (int* larger = more)
                    _ = Llama.llama_tokenize(_handle, text == null ? &nothing : text, utf8.Length, larger, more.Length, whole ? (byte)1 : (byte)0, parseSpecial: 1);
                return more;
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    public int[] Tokenize(string text, bool whole) => Tokenize(Encoding.UTF8.GetBytes(text), whole);

    /// <summary>
    /// The tokens; null if they are sure to be more than <paramref name="most"/>. llama.cpp's time grows with the square of some texts' length
    /// and cannot be broken off, so a text that is far too long never gets there as a whole.
    /// </summary>
    /// <exception cref="OperationCanceledException">Nobody wants the tokens any more.</exception>
    public int[]? Tokenize(ReadOnlySpan<byte> utf8, bool whole, int most, CancellationToken cancellationToken) =>
        IsFarBeyond(utf8, most, cancellationToken) ? null : Tokenize(utf8, whole);

    /// <inheritdoc cref="Tokenize(ReadOnlySpan{byte}, bool, int, CancellationToken)"/>
    public int[]? Tokenize(string text, bool whole, int most, CancellationToken cancellationToken) =>
        Tokenize(Encoding.UTF8.GetBytes(text), whole, most, cancellationToken);

    /// <summary>True if the model ends its answer with this token.</summary>
    public bool IsEnd(int token) => Llama.llama_vocab_is_eog(_handle, token) != 0;

    /// <summary>The bytes that a token stands for, perhaps only part of a character; empty for marks.</summary>
    public ReadOnlySpan<byte> Piece(int token) => _pieces[token] ??= ReadPiece(token);

    /// <summary>
    /// Counts piece by piece, and no further than needed. A cut changes only the tokens beside it: where the pieces have more than twice as many as may be,
    /// the whole has too many. Short texts are not looked at.
    /// </summary>
    private bool IsFarBeyond(ReadOnlySpan<byte> utf8, int most, CancellationToken cancellationToken)
    {
        var rest = utf8;
        var count = 0L;
        while (utf8.Length > PieceBytes && rest.Length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = rest[..CharacterEnd(rest, PieceBytes)];
            count += TokensOf(piece);
            if (count > 2L * most)
                return true;
            rest = rest[piece.Length..];
        }

        return false;
    }

    private int TokensOf(ReadOnlySpan<byte> piece)
    {
        // without room for a single token llama.cpp says how many there are, as a negative number
        fixed (byte* text = piece)
            return Math.Abs(Llama.llama_tokenize(_handle, text, piece.Length, null, 0, addSpecial: 0, parseSpecial: 1));
    }

    /// <summary>The last place up to <paramref name="most"/> that is inside no character.</summary>
    private static int CharacterEnd(ReadOnlySpan<byte> utf8, int most)
    {
        if (utf8.Length <= most)
            return utf8.Length;
        while ((utf8[most] & 0xC0) == 0x80)
            most--;
        return most;
    }

    private byte[] ReadPiece(int token)
    {
        Span<byte> room = stackalloc byte[64];
        fixed (byte* buffer = room)
        {
            var length = Llama.llama_token_to_piece(_handle, token, buffer, room.Length, 0, special: 0);
            if (length >= 0)
                return room[..length].ToArray();
            var larger = new byte[-length];
            fixed (byte* whole = larger)
                _ = Llama.llama_token_to_piece(_handle, token, whole, larger.Length, 0, special: 0);
            return larger;
        }
    }
}
