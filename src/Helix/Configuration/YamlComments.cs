using System.Collections.Immutable;
using Helix.Core.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Core.Tokens;

namespace Helix.Configuration;

/// <param name="Text">From the <c>#</c> to the end of the line.</param>
/// <param name="OwnLine">Nothing else stands on its line.</param>
internal sealed record YamlComment(int Start, string Text, bool OwnLine)
{
    /// <summary>Every comment of a text that is known to be YAML, in order.</summary>
    public static ImmutableArray<YamlComment> AllOf(string text)
    {
        var scanner = new Scanner(new StringReader(text), skipComments: false);
        var comments = ImmutableArray.CreateBuilder<YamlComment>();
        while (scanner.MoveNext())
        {
            if (scanner.Current is not Comment comment) continue;
            var start = (int)comment.Start.Index;
            var line = TextLines.StartOfLine(text, start);
            var end = TextLines.NextLine(text, start);
            comments.Add(new(start, text[start..end].TrimEnd(), string.IsNullOrWhiteSpace(text[line..start])));
        }

        return comments.ToImmutable();
    }
}
