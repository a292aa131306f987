using System.Text;
using System.Text.Json;

namespace Helix.Core.Gateway;

/// <summary>Reads from a body what <see cref="BodyPeek"/> reads, in one pass over its bytes, where it is written as nearly all are.</summary>
internal static class BodyScan
{
    /// <summary>Bytes of a name; longer ones are not kept.</summary>
    private const int LongestKept = 128;

    /// <summary>Few models are asked for nearly always: their names are made once. Whichever is kept in a place, only the same is taken from there.</summary>
    private static readonly string?[] s_names = new string?[64];

    /// <param name="isAscii">Nothing else is in it, so that it is UTF-8. False where that has to be looked at.</param>
    /// <returns>Null where something is wrong with it, or only a reader can tell.</returns>
    public static BodyFacts? Read(ReadOnlySpan<byte> body, out bool isAscii)
    {
        isAscii = false;
        var members = new JsonMembers(body, BodyPeek.MaxDepth);
        var (notes, hasMembers) = (new BodyNotes(members.End), false);
        try
        {
            while (members.Next())
            {
                hasMembers = true;
                if (!Note(ref notes, ref members)) return null;
            }
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            // half of a character, where one is read
            return null;
        }

        if (!members.IsWhole || JsonSkip.Blank(body, members.End) != body.Length) return null;
        isAscii = members.IsAscii;
        return notes.ToFacts(hasMembers);
    }

    /// <returns>False where something is wrong with the member.</returns>
    private static bool Note(ref BodyNotes notes, ref JsonMembers members)
    {
        var value = members.Value;
        switch (BodyMembers.Of(members.Name))
        {
            case BodyMember.Prompt:
                notes.NotePrompt(members.Begin..members.End);
                return true;
            case BodyMember.Tools:
                notes.NoteTools(value, members.Begin..members.End);
                return true;
            case BodyMember.Model when value[0] == '"' && !value.Contains((byte)'\\'):
                return notes.NoteModel(NameOf(value[1..^1]), members.Begin, value.Length);
            case BodyMember.Stream when value[0] is (byte)'t' or (byte)'f':
                return notes.NoteStream(value[0] == 't');
            case BodyMember.MaxTokens when IsNumber(value):
                notes.NoteMost(value);
                return true;
            case BodyMember.Temperature when IsNumber(value):
                notes.NoteTemperature(value);
                return true;
            case BodyMember.Other:
                var other = ParameterTable.Of(members.Name);
                if (other != RequestParameters.None) notes.NoteParameter(other, ParameterValues.Asked(other, value));
                return true;
            case var member:
                var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = BodyPeek.MaxDepth });
                reader.Read();
                return notes.Note(member, BodyMembers.MayBeParameter(member) ? ParameterTable.Of(members.Name) : RequestParameters.None, ref reader, members.Begin) is null;
        }
    }

    /// <param name="value">JSON.</param>
    private static bool IsNumber(ReadOnlySpan<byte> value) => value[0] is (byte)'-' or (>= (byte)'0' and <= (byte)'9');

    private static string NameOf(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > LongestKept) return Encoding.UTF8.GetString(text);
        ref var kept = ref s_names[(7 * text.Length + text[^1]) % s_names.Length];
        if (kept is { } name && Ascii.Equals(text, name.AsSpan())) return name;
        return kept = Encoding.UTF8.GetString(text);
    }
}
