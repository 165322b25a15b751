// A value once it has not changed for a while: what is typed is not sent with each key.
import { useEffect, useState } from 'react';

export function useLater<T>(value: T, wait_ms: number): T {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), wait_ms);
    return () => clearTimeout(timer);
  }, [value, wait_ms]);
  return later;
}
