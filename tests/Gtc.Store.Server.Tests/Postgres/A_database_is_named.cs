namespace Gtc.Store.Server.Tests.Postgres;

public sealed class A_database_is_named
{
    [Theory]
    [InlineData("postgres://gtc@db.example/gtc", "postgres://gtc@db.example:5432/gtc")]
    [InlineData("postgresql://gtc:s%40cret@db.example:6432/gtc?sslmode=verify-full", "postgres://gtc@db.example:6432/gtc")]
    [InlineData("postgres:///gtc?host=/run/postgresql&user=ada", "postgres://ada@/run/postgresql:5432/gtc")]
    public void By_a_url_that_is_told_without_its_password(string url, string told)
    {
        var target = PostgresTarget.Parse(url).Value;
        target.ToString().ShouldBe(told);
        target.HasPassword.ShouldBe(url.Contains("cret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gtc")]
    [InlineData("mysql://gtc:secret@db/gtc")]
    [InlineData("postgres://db.example/gtc")]
    [InlineData("postgres://gtc@db.example")]
    [InlineData("postgres://gtc:secret@db.example/gtc?sslmode=maybe")]
    [InlineData("postgres://gtc:secret@db.example/gtc?password=secret")]
    [InlineData("postgres://gtc:secret@db.example/gtc?host=other.example")]
    public void Or_refused_without_a_word_of_what_was_given(string url) => PostgresTarget.Parse(url).Refusal!.Message.ShouldNotContain("secret");
}
