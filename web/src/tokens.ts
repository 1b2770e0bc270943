// Tokens come from the development server; in a real app this is the platform's sign-in.
export async function fetchToken(user: string): Promise<string> {
  const response = await fetch(`/dev/token?user=${encodeURIComponent(user)}`, { cache: 'no-store' });
  if (!response.ok) {
    throw new Error(`no token: HTTP ${response.status}`);
  }
  const { token } = (await response.json()) as { token: string };
  return token;
}
