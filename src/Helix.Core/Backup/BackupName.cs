using System.Globalization;

namespace Helix.Core.Backup;

/// <summary>The name of a backup's file: <c>helix-20261129-080000.tar.gz</c>, in UTC, with <c>.enc</c> behind it where it is encrypted.</summary>
internal sealed record BackupName(string Prefix, DateTimeOffset At, bool IsEncrypted)
{
    /// <summary>What retention looks after.</summary>
    public const string Usual = "helix";

    /// <summary>What was there before something was restored over it; kept until the user deletes it.</summary>
    public const string BeforeRestore = "before-restore";

    /// <summary>Put behind the name of one that cannot be restored.</summary>
    public const string Bad = ".bad";

    private const string Plain = ".tar.gz";
    private const string Encrypted = ".enc";
    private const string Stamp = "yyyyMMdd-HHmmss";

    public override string ToString() => $"{Prefix}-{At.UtcDateTime.ToString(Stamp, CultureInfo.InvariantCulture)}{Plain}{(IsEncrypted ? Encrypted : "")}";

    /// <returns>Null where it is none.</returns>
    public static BackupName? Parse(string file)
    {
        var isEncrypted = file.EndsWith(Encrypted, StringComparison.Ordinal);
        var rest = isEncrypted ? file[..^Encrypted.Length] : file;
        if (!rest.EndsWith(Plain, StringComparison.Ordinal)) return null;
        rest = rest[..^Plain.Length];
        var prefix = ((string[])[Usual, BeforeRestore]).FirstOrDefault(each => rest.StartsWith(each + "-", StringComparison.Ordinal));
        return prefix is not null && DateTimeOffset.TryParseExact(rest.AsSpan(prefix.Length + 1), Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? new(prefix, at, isEncrypted)
            : null;
    }
}
