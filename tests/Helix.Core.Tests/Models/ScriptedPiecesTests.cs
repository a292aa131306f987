using System.Globalization;
using System.Text;
using CsCheck;
using Helix.Core.Models;

namespace Helix.Core.Tests.Models;

public sealed class ScriptedPiecesTests
{
    private static readonly string[] s_parts = [" ", "the", "a", "\n", "  ", "é", "😀", "日本語", "<EOT>", "[PAD]", "\u2581", "word", "\0", "x"];
    private static readonly Gen<string> s_texts = Gen.Int[0, s_parts.Length - 1].Array[0, 40].Select(parts => string.Concat(parts.Select(part => s_parts[part])));

    [Fact]
    public void The_pieces_of_any_text_spell_it_again() =>
        s_texts.Sample(text => Spell(ScriptedPieces.Cut(text)) == text);

    [Fact]
    public void No_two_pieces_of_any_text_are_the_same_token() =>
        s_texts.Sample(text => ScriptedPieces.Cut(text).Select(piece => piece.Text).Distinct(StringComparer.Ordinal).Count() == ScriptedPieces.Cut(text).Length);

    [Fact]
    public void No_piece_can_be_joined_by_a_tokenizer_from_two_symbols() =>
        s_texts.Sample(text => ScriptedPieces.Cut(text).All(piece => piece.IsByte || piece.Text.EnumerateRunes().Count() >= 3));

    [Fact]
    public void A_plain_sentence_is_cut_into_its_words()
    {
        var pieces = ScriptedPieces.Cut("Lily loves loves the the sun");

        Assert.Equal(["Lily", "▁loves", "▁loves▁the", "▁the", "▁sun"], pieces.Select(piece => piece.Text));
    }

    private static string Spell(IEnumerable<ScriptedPiece> pieces)
    {
        var bytes = new List<byte>();
        foreach (var piece in pieces)
        {
            if (piece.IsByte)
                bytes.Add(byte.Parse(piece.Text.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            else
                bytes.AddRange(Encoding.UTF8.GetBytes(piece.Text.Replace('\u2581', ' ')));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
