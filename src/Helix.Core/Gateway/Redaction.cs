using System.Text.RegularExpressions;

namespace Helix.Core.Gateway;

/// <summary>
/// Takes out of texts what opens something or finds somebody: keys, passwords, addresses of people and machines, long numbers; and what is no text at all.
/// It goes by how these look, and takes rather too much than too little. What looks like any other word stays: a name, a street, a password in the middle of a sentence.
/// </summary>
internal static partial class Redaction
{
    /// <summary>Stands where a password or a key was.</summary>
    public const string Secret = "[secret]";

    /// <summary>The order matters: what is whole goes before what may be a part of it.</summary>
    private static readonly (Regex Looks, string Put)[] s_rules =
    [
        (Encoded(), "[data]"),
        (Block(), "[data]"),
        (PrivateKey(), "[private key]"),
        (Key(), "[key]"),
        (Header(), $"$1{Secret}"),
        (Credentials(), "$1 [key]"),
        (Assigned(), $"$1{Secret}"),
        (InAddress(), Secret),
        (Mail(), "[e-mail]"),
        (Account(), "[number]"),
        (LongNumber(), "[number]"),
        (Machine(), "[address]"),
    ];

    /// <returns>The text without them, and how many there were.</returns>
    public static (string Text, int Hidden) Of(string text)
    {
        var hidden = 0;
        foreach (var (looks, put) in s_rules)
        {
            text = looks.Replace(text, match =>
            {
                hidden++;
                return match.Result(put);
            });
        }

        return (text, hidden);
    }

    /// <summary>Whether a member of this name has a secret for its text.</summary>
    public static bool IsSecret(string name) => Telling().IsMatch(name);

    [GeneratedRegex(@"data:[\w.+/-]{1,128};base64,[A-Za-z0-9+/=_-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Encoded();

    /// <summary>A picture or a sound without anything around it.</summary>
    [GeneratedRegex(@"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{256,}={0,2}", RegexOptions.CultureInvariant)]
    private static partial Regex Block();

    [GeneratedRegex(@"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?:(?!-----END)[\s\S])*(?:-----END [A-Z0-9 ]{0,60}-----)?", RegexOptions.CultureInvariant)]
    private static partial Regex PrivateKey();

    /// <summary>By how they begin: helix's own, OpenAI's and Anthropic's, GitHub's, GitLab's, Slack's, Amazon's, Google's, Hugging Face's; and tokens of the web (JWT).</summary>
    [GeneratedRegex(
        @"(?<![A-Za-z0-9])(?:hx_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{16,}|gh[opsur]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|A(?:KIA|SIA)[A-Z0-9]{12,}|AIza[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{16,}|eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Key();

    /// <summary>What a client proves itself with, in as many words as it likes: to the end of its quotes or of its line.</summary>
    [GeneratedRegex("""((?:authorization|cookie)["']?[ \t]{0,4}[:=][ \t]{0,4})[^\s"'\\][^\r\n"']*""", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Header();

    /// <summary>No word of any language: "basic knowledge" is none.</summary>
    [GeneratedRegex(@"\b(bearer|basic)[ \t]+(?=[A-Za-z+/_.~-]*[0-9=]|[A-Za-z+/_.~-]{24})[A-Za-z0-9+/=_.~-]{6,}", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Credentials();

    /// <summary>A value behind a name that speaks of a secret: to the end of its quotes, which may be escaped, or of its line where they do not end.</summary>
    [GeneratedRegex(
        """((?:passw(?:or)?d|passwort|passphrase|pwd|secret|token|credentials?|authorization|cookie|(?:api|access|account|private)[ _-]?key)[\w-]{0,24}(?:\\{0,3}["'])?[ \t]{0,4}[:=][ \t]{0,4})(?!\[(?:secret|key)\])(?:"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*'|["'][^\r\n]*|\\{1,3}["'][^"'\r\n]*["']?|[^\s,;"']+)""",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Assigned();

    /// <summary>The name and the password before the host of an address.</summary>
    [GeneratedRegex(@"(?<=://)[^\s/@:]{0,128}:[^\s/@]{1,256}(?=@)", RegexOptions.CultureInvariant)]
    private static partial Regex InAddress();

    [GeneratedRegex(@"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}", RegexOptions.CultureInvariant)]
    private static partial Regex Mail();

    /// <summary>An IBAN.</summary>
    [GeneratedRegex(@"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b", RegexOptions.CultureInvariant)]
    private static partial Regex Account();

    /// <summary>Of telephones, cards and people: nine digits and more, in groups or not; a date is none.</summary>
    [GeneratedRegex(@"(?<![\w.])(?<![0-9]-)(?![0-9]{4}-[0-9]{2}-[0-9]{2})\+?\(?[0-9](?>(?:[ ()/-]{0,2}[0-9]){8,})", RegexOptions.CultureInvariant)]
    private static partial Regex LongNumber();

    [GeneratedRegex(@"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w])|(?<![\w:])(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6})(?![\w:])", RegexOptions.CultureInvariant)]
    private static partial Regex Machine();

    [GeneratedRegex(@"passw|passphrase|secret|credential|authorization|cookie|(?:api|access|account|private)[_-]?key|token$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Telling();
}
