using System.Buffers;
using System.Text;

namespace Helix.Core.Screen;

internal enum KeyKind
{
    Letter,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Escape,
    Backspace,
    Tab,

    /// <summary>Ctrl-C.</summary>
    Interrupt,

    /// <summary>Ctrl-Z.</summary>
    Suspend,

    /// <summary>Ctrl-L.</summary>
    Redraw,
}

/// <summary>A key, as a terminal tells of it.</summary>
/// <param name="Letter">Of a <see cref="KeyKind.Letter"/>.</param>
internal readonly record struct Key(KeyKind Kind, Rune Letter = default)
{
    private const byte EscapeByte = 0x1b;

    public static Key Of(char letter) => new(KeyKind.Letter, new Rune(letter));

    public bool Is(char letter) => Kind == KeyKind.Letter && Letter.Value == letter;

    /// <summary>Reads what was typed. An escape that nothing follows is the key; sequences that nobody knows here are passed over.</summary>
    public static IReadOnlyList<Key> Read(ReadOnlySpan<byte> bytes)
    {
        var keys = new List<Key>();
        while (bytes.Length > 0)
        {
            var (key, length) = bytes[0] == EscapeByte ? Sequence(bytes) : One(bytes);
            if (key is { } known) keys.Add(known);
            bytes = bytes[length..];
        }

        return keys;
    }

    private static (Key? Key, int Length) Sequence(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 1 || bytes[1] is not ((byte)'[' or (byte)'O')) return (new Key(KeyKind.Escape), 1);
        var end = 2;
        while (end < bytes.Length && bytes[end] is >= 0x20 and < 0x40) end++;
        if (end == bytes.Length) return (null, end);
        KeyKind? kind = bytes[end] switch
        {
            (byte)'A' => KeyKind.Up,
            (byte)'B' => KeyKind.Down,
            (byte)'H' => KeyKind.Home,
            (byte)'F' => KeyKind.End,
            (byte)'~' => bytes[2] switch
            {
                (byte)'1' or (byte)'7' => KeyKind.Home,
                (byte)'4' or (byte)'8' => KeyKind.End,
                (byte)'5' => KeyKind.PageUp,
                (byte)'6' => KeyKind.PageDown,
                _ => null,
            },
            _ => null,
        };
        return (kind is { } known ? (Key?)new Key(known) : null, end + 1);
    }

    private static (Key? Key, int Length) One(ReadOnlySpan<byte> bytes)
    {
        KeyKind? kind = bytes[0] switch
        {
            0x03 => KeyKind.Interrupt,
            0x08 or 0x7f => KeyKind.Backspace,
            0x09 => KeyKind.Tab,
            0x0a or 0x0d => KeyKind.Enter,
            0x0c => KeyKind.Redraw,
            0x1a => KeyKind.Suspend,
            _ => null,
        };
        if (kind is { } known) return (new Key(known), 1);
        if (bytes[0] < 0x20) return (null, 1);
        var isWhole = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done;
        return (isWhole && !Rune.IsControl(rune) ? (Key?)new Key(KeyKind.Letter, rune) : null, length);
    }
}
