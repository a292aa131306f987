using System.Buffers;
using System.Text;
using Helix.Engine.Native;

namespace Helix.Engine;

/// <summary>Text to tokens and back. Thread-safe.</summary>
internal sealed unsafe class Vocabulary
{
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

    /// <summary>True if the model ends its answer with this token.</summary>
    public bool IsEnd(int token) => Llama.llama_vocab_is_eog(_handle, token) != 0;

    /// <summary>The bytes that a token stands for, perhaps only part of a character; empty for marks.</summary>
    public ReadOnlySpan<byte> Piece(int token) => _pieces[token] ??= ReadPiece(token);

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
